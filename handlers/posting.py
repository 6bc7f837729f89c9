"""Posts replies to Slack in tasks of our own, which a stop waits for."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol, TypeVar

import structlog
from aiohttp import ClientConnectorError, ClientError
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.fates import Fate
from bot.faults import log_fault
from bot.question_notes import QuestionKey
from bot.reply import Reply
from handlers.blocks import message
from handlers.slack_client import SlackClient, said_of

PAUSES = (0.3, 1.5, 5.0)  # seconds before a post is tried again that surely, or as Slack says, did not arrive
FINISH_WITHIN = 20.0  # seconds that a stop waits for posts under way
POSTED_AS = "coding_helper_answer"  # names the metadata by which a post is found again
SLOW = 0.5  # seconds after which an asker is told that the answer is on its way
STATUS_WITHIN = 3.0  # seconds that Slack may take to show this
ON_ITS_WAY = "is looking it up…"  # Slack writes the app's name before it
LOOKED_THROUGH = 20  # messages among which a post of unknown fate is looked for
SERVER_FAULT = 500  # HTTP statuses from here on are faults on Slack's side
# What Slack answers where the bot may not write; the asker is answered in a direct message then.
CLOSED = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action", "thread_not_found")
SIGNED_OFF = ("token_revoked", "invalid_auth", "account_inactive", "token_expired", "not_authed")

Done = TypeVar("Done")


class Kept(Protocol):
    """What keeps a reply's fate. `begin`: False where another process is at it. `end`: what must stand instead.

    `leave`: another process is to post it; `may_stand` where it may have been posted before.
    """

    async def begin(self) -> bool: ...  # noqa: D102

    async def end(self, fate: Fate, ts: str | None) -> Reply | None: ...  # noqa: D102

    async def leave(self, *, may_stand: bool) -> None: ...  # noqa: D102


@dataclass(frozen=True)
class Post:
    """A reply on its way: where to, to whom, about which question; `kept` keeps what becomes of it.

    `answers` is the time stamp of the message that was asked; `may_stand`: another process may have posted the reply
    already.
    """

    reply: Reply
    channel: str
    thread: str | None = None
    token: str | None = None
    about: QuestionKey | None = None
    asker: str | None = None
    answers: str | None = None
    kept: Kept | None = None
    may_stand: bool = False


@dataclass(frozen=True)
class _Delivered:
    """What became of a reply, and where it stands."""

    fate: Fate
    ts: str | None = None
    channel: str = ""


class _StoppedError(Exception):
    """A stop came while a reply was not on its way. `may_stand`: an earlier try may have arrived."""

    def __init__(self, *, may_stand: bool) -> None:
        super().__init__("a stop came before the reply was posted")
        self.may_stand = may_stand


class Poster:
    """Posts replies with one client, and keeps track of what is under way."""

    def __init__(self, client: SlackClient) -> None:
        """Post through this client; each post may name another token."""
        self.client = client
        self.fates: Counter[Fate] = Counter()  # what became of how many posts
        self._under_way: set[asyncio.Task[Any]] = set()
        self.posting: set[QuestionKey] = set()  # the questions whose replies are under way
        self._left = 0  # replies that a stop left

    @property
    def under_way(self) -> int:
        """How many tasks are under way."""
        return len(self._under_way)

    def post(self, post: Post) -> asyncio.Task[Fate | None]:
        """Post a reply, soon; the result is what became of it. What Slack refuses is logged by its error's name."""
        if post.about:
            self.posting.add(post.about)
        return self.start(self._post(post))

    def start(self, work: Coroutine[Any, Any, Done]) -> asyncio.Task[Done | None]:
        """Do calls to Slack, soon; a fault is logged by its name and goes no further."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    def update(self, reply: Reply, *, channel: str, ts: str, token: str | None, about: QuestionKey) -> None:
        """Put a reply in the place of an earlier one."""
        self.start(self.client.chat_update(channel=channel, ts=ts, token=token, **message(reply, about)))

    def whisper(self, text: str, channel: str, person: str, thread: str | None, token: str | None) -> None:
        """Say something in a channel to one person alone."""
        given: dict[str, Any] = {"thread_ts": thread} if thread else {}
        self.start(self.client.chat_postEphemeral(channel=channel, user=person, text=text, token=token, **given))

    async def respond(self, url: str, body: dict[str, Any]) -> bool:
        """Answer by a response_url, which lives 30 minutes and takes 5 answers; False where it has expired."""
        answer = await AsyncWebhookClient(url, retry_handlers=self.client.retry_handlers).send_dict(body)
        return bool(answer.status_code == 200)  # noqa: PLR2004  # HTTP's OK

    async def finish(self) -> None:
        """Wait for the posts under way, for a while."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FINISH_WITHIN)

    async def stop(self) -> None:
        """As `finish`; what must wait longer before it is posted is left to another process."""
        self.client.stop.ask(FINISH_WITHIN)
        await self.finish()
        if self._left or self.posting:
            structlog.get_logger().warning(
                "the stop leaves replies to another process", not_posted=self._left, under_way=len(self.posting)
            )

    async def _post(self, post: Post) -> Fate | None:
        try:
            if post.kept is None or await post.kept.begin():
                return await self._post_once(post)
        except _StoppedError as stopped:
            self._left += 1
            if post.kept:
                await post.kept.leave(may_stand=stopped.may_stand)
        finally:
            if post.about:
                self.posting.discard(post.about)
        return None

    async def _post_once(self, post: Post) -> Fate:
        delivering = asyncio.ensure_future(self._deliver(post))
        try:
            is_slow = await self._tell_if_slow(post, delivering)
            done = await delivering
        finally:
            delivering.cancel()  # where this task is stopped, what it waits for is too
        self.fates[done.fate] += 1
        newer = await post.kept.end(done.fate, done.ts) if post.kept else None
        if done.ts and newer and post.about:
            self.update(newer, channel=done.channel, ts=done.ts, token=post.token, about=post.about)
        if is_slow:
            await self._show_status(post, "")
        return done.fate

    async def _tell_if_slow(self, post: Post, delivering: asyncio.Future[_Delivered]) -> bool:
        """Did the asker have to wait, and was told that the answer is on its way?"""
        done, _ = await asyncio.wait({delivering}, timeout=SLOW)
        if done or not post.answers:
            return False
        await self._show_status(post, ON_ITS_WAY)
        return True

    async def _show_status(self, post: Post, status: str) -> None:
        """Best effort: no answer depends on it."""
        under = post.thread or post.answers or ""
        told = self.client.assistant_threads_setStatus(
            channel_id=post.channel, thread_ts=under, status=status, token=post.token
        )
        await _guarded(asyncio.wait_for(told, STATUS_WITHIN))

    async def _deliver(self, post: Post) -> _Delivered:
        """Post, and post again what surely did not arrive. What may have arrived is looked for, where that can be."""
        fault, may_stand = "a stop meanwhile", post.may_stand
        for pause in (None, *PAUSES):
            if pause or may_stand:
                could_look, standing = await self._look_for(post)
                if standing or (may_stand and not could_look):
                    return _seen(post, standing, fault)
            if pause and not await self.client.stop.pause(pause):
                raise _StoppedError(may_stand=may_stand)
            try:
                told = await self.client.chat_postMessage(**_arguments(post))
                return _Delivered("posted", str(told["ts"]), str(told.get("channel") or post.channel))
            except SlackApiError as error:
                if _status(error) == HTTPStatus.TOO_MANY_REQUESTS and self.client.stop.is_asked:
                    raise _StoppedError(may_stand=may_stand) from None
                if _status(error) < SERVER_FAULT:
                    return await self._refused(post, _name(error))
                fault = _name(error)
            except (ClientError, OSError, TimeoutError) as error:
                fault = type(error).__name__
                may_stand = may_stand or not isinstance(error, ClientConnectorError)
        return _seen(post, (await self._look_for(post))[1], fault)

    async def _look_for(self, post: Post) -> tuple[bool, str | None]:
        """Could be looked where the reply would stand? And its time stamp, if it does though its answer was lost.

        Looked is from the question on; where more stands after it than a page has, nobody can tell.
        """
        if not _can_look(post):
            return False, None
        given: dict[str, Any] = {
            "channel": post.channel,
            "limit": LOOKED_THROUGH,
            "include_all_metadata": True,
            "token": post.token,
        }
        try:
            if post.thread:
                told = await self.client.conversations_replies(ts=post.thread, oldest=post.answers, **given)
            else:
                told = await self.client.conversations_history(oldest=post.answers, **given)
        except (SlackApiError, ClientError, OSError, TimeoutError):
            return False, None
        standing = (one for one in told.get("messages") or () if _is_same(one.get("metadata"), post))
        found = next((str(one["ts"]) for one in standing), None)
        return found is not None or not (post.answers and told.get("has_more")), found

    async def _refused(self, post: Post, what: str) -> _Delivered:
        """Slack will not have the reply there; where only the channel is closed, the asker has it as a message."""
        log = structlog.get_logger()
        if what in SIGNED_OFF:
            log.error("Slack no longer takes the token; install the app again and set SLACK_BOT_TOKEN", error=what)
            return _Delivered("refused")
        log.error("Slack refused a reply", error=what, channel=post.channel)
        if what not in CLOSED or not post.asker or post.asker == post.channel:
            return _Delivered("refused")
        note = "I could not answer where you asked: I may not write there."
        reply = replace(post.reply, small=(*post.reply.small, note))
        return await self._deliver(Post(reply, channel=post.asker, token=post.token, about=post.about))


def _seen(post: Post, standing: str | None, fault: str) -> _Delivered:
    """What is known of a reply whose answer was lost: it stands, or nobody can tell."""
    if standing:
        return _Delivered("posted", standing, post.channel)
    structlog.get_logger().error("a reply's fate is unknown: no answer from Slack", fault=fault)
    return _Delivered("uncertain")


def _arguments(post: Post) -> dict[str, Any]:
    about = {"question": post.about.delivery} if post.about else {}
    return {
        "channel": post.channel,
        "thread_ts": post.thread,
        "token": post.token,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": POSTED_AS, "event_payload": about},
        **message(post.reply, post.about),
    }


def _can_look(post: Post) -> bool:
    """Direct messages are the one place whose history the bot may read."""
    return post.channel.startswith("D") and post.about is not None


def _is_same(metadata: object, post: Post) -> bool:
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    return isinstance(payload, dict) and post.about is not None and payload.get("question") == post.about.delivery


def _status(error: SlackApiError) -> int:
    status: object = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    return status if isinstance(status, int) else SERVER_FAULT


def _name(error: SlackApiError) -> str:
    return str(said_of(error).get("error") or f"status {_status(error)}")


async def _guarded(work: Coroutine[Any, Any, Done]) -> Done | None:
    try:
        return await work
    except SlackApiError as error:
        needed = said_of(error).get("needed")  # a scope, where the app was installed from an older manifest
        structlog.get_logger().error(
            "Slack refused a call", error=_name(error), **({"needed": needed} if needed else {})
        )
    except (ClientError, OSError, TimeoutError) as error:
        structlog.get_logger().error("a call's fate is unknown: no answer from Slack", fault=type(error).__name__)
    except Exception as error:  # noqa: BLE001  # nobody waits for this task: the fault is told in the log
        log_fault(error)
    return None
