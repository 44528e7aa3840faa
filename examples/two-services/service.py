#!/usr/bin/env python3
"""`stock`: follows its inbox live, answers each order, then marks it as read. Python 3.8+, no dependencies.

POSTRIDER_URL, default http://127.0.0.1:3000
"""
import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request

POSTRIDER = os.environ.get("POSTRIDER_URL", "http://127.0.0.1:3000")
SHELF = {"apples": 30, "pears": 20, "plums": 10}
BEFORE_RETRY_S = 0.5
# Postrider sends a comment every 15 s: a stream that is silent for longer is dead.
PATIENCE_S = 45

# The errors of a connection. A 4xx or 5xx answer is an HTTPError, which is an OSError.
BROKEN = (OSError, http.client.HTTPException)


def is_temporary(error):
    return not isinstance(error, urllib.error.HTTPError) or error.code >= 500


def problem_in(error):
    """The status and the detail of the problem document, or the error of the connection."""
    if not isinstance(error, urllib.error.HTTPError):
        return repr(error)
    try:
        body = error.read().decode(errors="replace")
        return f"{error.code}: {json.loads(body)['detail']}"
    except (*BROKEN, ValueError, TypeError, KeyError):
        return repr(error)


def wait_after(error):
    if not is_temporary(error):
        sys.exit(f"Postrider answered {problem_in(error)}")
    print(f"Postrider is unreachable or busy, trying again: {problem_in(error)}", file=sys.stderr, flush=True)
    time.sleep(BEFORE_RETRY_S)


def post(path, body, **headers):
    """Repeats the request until Postrider has accepted it."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    # Without `accept`, a send is answered in plain text, which has no detail.
    headers.update({"content-type": "application/json", "accept": "application/json"})
    request = urllib.request.Request(POSTRIDER + path, json.dumps(body).encode(), headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                response.read()
                return
        except BROKEN as error:
            wait_after(error)


def events(client):
    """Yields the messages of an inbox for ever: first the unread ones, then each new one."""
    last_id = None
    while True:
        headers = {} if last_id is None else {"last-event-id": last_id}
        request = urllib.request.Request(f"{POSTRIDER}/clients/{client}/inbox/stream", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as stream:
                for line in stream:
                    # Each event has one data line; its `cursor` is the event's id. Other lines are not needed.
                    if line.startswith(b"data:") and line.endswith(b"\n"):
                        message = json.loads(line[len(b"data:"):])
                        yield message
                        last_id = message["cursor"]
            time.sleep(BEFORE_RETRY_S)
        except BROKEN as error:
            if isinstance(error, urllib.error.HTTPError) and error.code == 409:
                # Postrider's store was restored from an older copy, which ends before this cursor.
                print(f"Beginning again with the unread messages: {problem_in(error)}", file=sys.stderr, flush=True)
                last_id = None
            else:
                wait_after(error)


def answer(text):
    """Always the same text for the same order: if the program dies before it marks the order as read, it answers again."""
    try:
        order = json.loads(text)
        number, available = int(order["order"]), order["count"] <= SHELF.get(order["item"], 0)
        return json.dumps({"order": number, "available": available})
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return json.dumps({"error": "not understood", "text": text[:100]})


def main():
    for message in events("stock"):
        reply = {"from": "stock", "to": message["from"], "message": answer(message["message"])}
        # The key names the message that is answered, so a second answer is the same message.
        post("/send-message", reply, idempotency_key=f"answer-{message['id']}")
        post("/clients/stock/inbox/read", {"through": message["cursor"]})
        print(f"answered {message['message']}", flush=True)


try:
    main()
except KeyboardInterrupt:
    sys.exit(0)
