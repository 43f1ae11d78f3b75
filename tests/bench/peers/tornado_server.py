"""Python's Tornado: the server of one row. Prints its port."""

import asyncio
import json
import logging
import sys

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

# Connections are cut at the end of a round.
logging.disable(logging.CRITICAL)

row, root = (sys.argv[1:] + ["."])[:2]
PAGE = ("The quick brown fox jumps over the lazy dog. " * 100)[:4096]
members = set()


class Hello(RequestHandler):
    def get(self):
        self.write("Hello, world")


class Item(RequestHandler):
    def get(self, item):
        self.write("Hello, " + item)


class Waiting(RequestHandler):
    async def get(self):
        await asyncio.sleep(0)
        self.write("Hello, world")


class Json(RequestHandler):
    def post(self):
        self.write(json.loads(self.request.body))


class Page(RequestHandler):
    def get(self):
        self.write(PAGE)


class Form(RequestHandler):
    def post(self):
        self.write(self.get_argument("name") + " " + ",".join(self.get_arguments("tag")))


class Login(RequestHandler):
    def get(self):
        self.set_secure_cookie("user", "ada@example.com")


class Known(RequestHandler):
    def get(self):
        user = self.get_secure_cookie("user")
        if user is None:
            self.set_status(403)
        else:
            self.write("Hello, " + user.decode())


class Echo(WebSocketHandler):
    def on_message(self, message):
        self.write_message(message)


class Room(WebSocketHandler):
    def open(self):
        members.add(self)

    def on_close(self):
        members.discard(self)

    def on_message(self, message):
        for member in members:
            member.write_message(message)


ROUTES = {
    "fixed": [("/", Hello)],
    "route100": [("/r%d/([^/]+)" % i, Item) for i in range(100)],
    "async": [("/", Waiting)],
    "json": [("/", Json)],
    "etag304": [("/", Page)],
    "form": [("/", Form)],
    "signed": [("/", Known), ("/login", Login)],
    "echo": [("/", Echo)],
    "room": [("/", Room)],
    "static": [],
}


async def main():
    settings = {"static_path": root} if row == "static" else {}
    if row == "signed":
        settings["cookie_secret"] = "61oETzKXQAGaYdkL5gEmGeJJFuYh7EQnp2XdTP1o"
    server = HTTPServer(Application(ROUTES[row], log_function=lambda handler: None, **settings))
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    print(sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
