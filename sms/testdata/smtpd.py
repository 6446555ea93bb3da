"""A mail server of Debian's aiosmtpd for the tests of mail.

smtpd.py LIBRARY starttls|tls|off PORTFILE MAILFOLDER [CERT KEY]

It takes user "ups" with the password "tiger" (before mail where the connection is
encrypted), and answers by the local part of the recipient:

    grey     451 at the first try from a Message-ID's sender, then takes it
    full     452
    nobody   550
    spam     takes the recipient, and says 554 to the mail
    hang     never answers

Every mail that was taken is a file of MAILFOLDER.
"""
import asyncio
import os
import ssl
import sys

sys.path.insert(0, sys.argv[1])
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword  # noqa: E402


class Handler:
    def __init__(self, folder):
        self.folder, self.tries, self.mails = folder, 0, 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        who = address.split("@")[0]
        if who == "grey":
            self.tries += 1
            if self.tries == 1:
                return "451 4.7.1 Greylisting in action, please come back later"
        if who == "full":
            return "452 4.2.2 mailbox full"
        if who == "nobody":
            return "550 5.1.1 no such user here"
        if who == "hang":
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "554 5.7.1 looks like spam"
        self.mails += 1
        path = os.path.join(self.folder, "%d.eml" % self.mails)
        with open(path + ".part", "wb") as f:
            f.write(envelope.original_content)
        os.rename(path + ".part", path)
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    ok = isinstance(data, LoginPassword) and data.login == b"ups" and data.password == b"tiger"
    return AuthResult(success=ok, handled=ok)


async def main():
    mode, portfile, folder = sys.argv[2:5]
    context = None
    if mode != "off":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[5], sys.argv[6])
    handler = Handler(folder)

    def protocol():
        return SMTP(
            handler, hostname="mail.test", authenticator=login, auth_required=mode != "off",
            auth_require_tls=mode == "starttls", require_starttls=mode == "starttls",
            tls_context=context if mode == "starttls" else None,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    with open(portfile + ".part", "w") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(portfile + ".part", portfile)
    await server.serve_forever()


asyncio.run(main())
