"""Python's Tornado with signed cookies and XSRF tokens: what signed_interop_test.ts talks to."""

import asyncio
import json
import sys

from tornado.web import Application, RequestHandler


class Cookie(RequestHandler):
    def get(self):
        min_version = int(self.get_argument("min_version", "2"))
        value = self.get_secure_cookie("user", min_version=min_version)
        self.write(
            {
                "bytes": None if value is None else list(value),
                "keyVersion": self.get_secure_cookie_key_version("user"),
            }
        )

    def put(self):
        version = int(self.get_argument("version", "2"))
        self.set_secure_cookie("user", self.request.body, version=version)

    def check_xsrf_cookie(self):
        pass


class Form(RequestHandler):
    def get(self):
        self.write(self.xsrf_token)

    def post(self):
        self.write("posted")


async def main():
    port, given = int(sys.argv[1]), json.loads(sys.argv[2])
    secret = given["cookieSecret"]
    if isinstance(secret, dict):
        secret = {int(version): key for version, key in secret.items()}
    Application(
        [("/cookie", Cookie), ("/form", Form)],
        cookie_secret=secret,
        key_version=given.get("keyVersion"),
        xsrf_cookies=True,
        xsrf_cookie_version=given.get("xsrfVersion", 2),
    ).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
