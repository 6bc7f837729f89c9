"""A process that is made to be killed: the real application behind a real web server.

Run with a database's address, a folder for spools, Slack's address and a port: each line on standard input forks a
process from this one, which has all ready; its id is printed once it listens. The end of the input ends it all.
"""

import asyncio
import os
import socket
import sys
from datetime import timedelta
from pathlib import Path

from bot.bot import Bot
from bot.database import make_engine
from bot.logs import start_logs
from bot.question_log import QuestionLog
from bot.reply import Writer
from bot.settings import Settings
from bot.spool import Spool
from handlers.app import make_app
from handlers.replying import keep_at_it
from handlers.serving import http_server
from handlers.web import make_web
from knowledge.library import read_library
from knowledge.search import Index
from tests.handlers.slack_stand_in import BOT_TOKEN, SECRET

LEASE = timedelta(seconds=1)
PATIENCE = 0.1  # seconds


def main(database: str, spools: str, slack: str, port: int) -> None:
    library = read_library()
    index = Index(library)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            start_logs("ERROR")
            asyncio.run(_serve(Bot(index, Writer(library.sources), _log(database, spools)), slack, port))
            os._exit(0)
        os.waitpid(child, 0)


def _log(database: str, spools: str) -> QuestionLog:
    return QuestionLog(make_engine(database), Spool(Path(spools), "test"), PATIENCE, lease=LEASE)


async def _serve(bot: Bot, slack: str, port: int) -> None:
    settings = Settings(slack_bot_token=BOT_TOKEN, slack_signing_secret=SECRET, slack_api_url=slack, _env_file=None)
    made = await make_app(settings, bot)
    listening = socket.create_server(("127.0.0.1", port))
    server = http_server(make_web(made), "127.0.0.1", port)
    keeping = asyncio.create_task(keep_at_it(bot, made.poster, made.token_of))
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listening])
    keeping.cancel()
    bot.log.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
