"""The composition root: the only place that builds everything and wires it together.

An App serves the distributions of a configuration: a driver behind its listeners, a request log, and a watch on the
files that it was made from. A change is taken up between two requests; one that does not load leaves the last good
version running, and says so.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from edge import functions, viewer_knowledge
from edge.about_viewers.about import AboutViewers
from edge.all_origins import all_origins
from edge.cache.invalidations import Batch, Invalidation, Invalidations
from edge.cache.tiers import Tiers
from edge.clock import SystemClock
from edge.configuration import Configuration, ConfigurationError
from edge.configuration.configuration import NO_FACTS
from edge.configuration.local import LocalCache
from edge.driver import Driver
from edge.logs.trails import RecentTrails
from edge.model import deployment
from edge.model.function import CloudFrontFunction, Invalid
from edge.model.served import Served
from edge.request_ids import request_ids
from edge.rules import invalidation
from edge.runtimes.key_value_stores import MemoryStores, SqliteStores
from edge.runtimes.lambda_edge.providers.provider import Unavailable
from edge.runtimes.runtime import FunctionRuntime, KeyValueStores
from edge.runtimes.throttling import Throttle

if TYPE_CHECKING:
    from edge.disk_cache.journal import DiskCache
    from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime


class CannotListen(Exception):  # noqa: N818 -- it is a state of the machine, not an error of ours
    """An address is taken, or is not one of this machine's. The text names it."""


class CannotKeep(Exception):  # noqa: N818 -- it is a state of the machine, not an error of ours
    """The folder of the disk cache cannot be had. The text names it."""


class Listener(Protocol):
    """Something that takes requests at `address` (HOST:PORT). `url` is where viewers find it once it has started; ""
    when it is not for them."""

    @property
    def address(self) -> str: ...

    @property
    def url(self) -> str: ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for every version of the configuration."""

    engine: str
    explain_header: bool = False
    keep_trails: bool = False
    say: Callable[[str], None] = lambda text: None
    isolation: str | None = None
    cache: LocalCache = field(default_factory=LocalCache)


class Workers(Protocol):
    """Processes that serve viewers in place of this one. Both calls return at once."""

    def take_up(self, configuration: Configuration, then: Callable[[], None]) -> None:
        """Have them serve another configuration, and call `then` when all do."""
        ...

    def invalidate(self, paths: tuple[str, ...], tags: tuple[str, ...], tag_headers: dict[str, str]) -> None:
        """Have them forget what was just removed from the caches."""
        ...


_LOOK_EVERY_MS = 500


class App:
    """Distributions, served: Host says which of them answers. `load` reads the configuration anew; `workers` serve it
    too, where there are any."""

    def __init__(
        self,
        configuration: Configuration,
        load: Callable[[], Configuration],
        options: Options,
        log: Callable[[Served, int, bool], None],
    ) -> None:
        about_viewers = viewer_knowledge.about_viewers(configuration, options.say)
        self.clock = SystemClock()
        self.workers: Workers | None = None
        self.invalidations = Invalidations()
        self._disk = _disk_cache(options, configuration)
        attach = (lambda store: None) if self._disk is None else self._disk.attach
        self.tiers = Tiers(configuration.local.topology, options.cache.memory_max_bytes, attach)
        self.store = self.tiers.first.store
        self.trails = RecentTrails()
        self._configuration = configuration
        self._taken_up = _states(configuration.watched)
        self._load = load
        self._options = options
        self._log = log
        self._origins = all_origins(self.running_lambdas, self.clock.now, options.say)
        self._throttle = Throttle()
        self._stores: SqliteStores | None = None
        self.stores_file: Path | None = None
        self._listeners: list[Listener] = []
        self._at_the_end: list[Callable[[], None]] = []
        self._watcher: asyncio.Task[None] | None = None
        self._beside: asyncio.Task[None] | None = None
        self.driver = Driver(
            configuration.distributions[0],
            distributions=deployment.choices(configuration.distributions),
            store=self.store,
            origins=self._origins,
            functions=self._engine(configuration),
            clock=self.clock,
            request_ids=request_ids(),
            edge=self.tiers.first.edge,
            tiers=self.tiers,
            location=configuration.local.viewer.location(),
            about_viewers=about_viewers,
            spool=None if self._disk is None else self._disk.spool,
            explain_header=options.explain_header,
            finished=self._finished,
        )
        self._lambdas: LambdaRuntime | None = None
        self._provide_lambda(configuration)
        self._last_good: dict[str, CloudFrontFunction] = {}
        for function in deployment.functions_of(configuration.distributions):
            wrong = self.driver.functions.check(function)
            if wrong is None:
                self._last_good[function.source_name] = function
            else:
                self._report(function, wrong, "requests through it will get 503, as on CloudFront")

    async def start(self, *listeners: Listener) -> None:
        """Open the listeners and watch the files. Raises CannotListen when an address cannot be had."""
        if self._lambdas is not None:
            await self._lambdas.prewarm(*deployment.lambda_functions_of(self._configuration.distributions))
        for listener in listeners:
            try:
                await listener.start()
            except OSError as error:
                raise CannotListen(f"cannot listen on {listener.address}: {error.strerror or error}") from error
            self._listeners.append(listener)
        self._beside = asyncio.create_task(viewer_knowledge.warm_up(self._configuration))
        if self._configuration.watched:
            self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop: listeners first, so that answers that have begun come to their end."""
        beside = [task for task in (self._watcher, self._beside) if task is not None]
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await asyncio.gather(*(listener.close() for listener in self._listeners))
        await self.driver.close()
        if self._lambdas is not None:
            await self._lambdas.close()
        await self._origins.close()
        if isinstance(self.driver.about_viewers, AboutViewers):
            self.driver.about_viewers.close()
        if self._stores is not None:
            self._stores.close()
        if self._disk is not None:
            self._disk.close()
        for finish in self._at_the_end:
            finish()

    def at_the_end(self, finish: Callable[[], None]) -> None:
        """Have something done after the last request."""
        self._at_the_end.append(finish)

    def reload(self) -> bool:
        """Take up the files as they are now. False when they do not load: then the version before them goes on."""
        say = self._options.say
        self._taken_up = _states(self._configuration.watched)
        try:
            configuration = self._load()
            about_viewers = viewer_knowledge.about_viewers(configuration, self._options.say)
        except ConfigurationError as problem:
            for finding in problem.findings:
                say(f"not taken up: {finding.where}: {finding.message}")
            return False
        engine = self._engine(configuration)
        broken: dict[str, CloudFrontFunction] = {}
        for function in deployment.functions_of(configuration.distributions):
            wrong = engine.check(function)
            if wrong is None:
                self._last_good[function.source_name] = function
            elif function.source_name in self._last_good:
                self._report(function, wrong, "the version before it goes on")
                broken[function.source_name] = self._last_good[function.source_name]
            else:
                self._report(function, wrong, "requests through it will get 503, as on CloudFront")
        if set(configuration.watched) != set(self._configuration.watched):
            self._taken_up = _states(configuration.watched)
        self._configuration = configuration
        try:
            self._provide_lambda(configuration)
        except Unavailable as error:
            say(f"Lambda@Edge functions cannot run: {error}")
        if self._lambdas is not None:
            self._lambdas.refresh()
        if configuration.local.topology != self.tiers.topology:
            say("[topology] has changed: it is taken up at the next start, because caches stand in it")
        served = tuple(deployment.with_functions(one, broken) for one in configuration.distributions)
        self.driver.take_up(served[0], engine, deployment.choices(served))
        self.driver.about_viewers = about_viewers
        self.driver.location = configuration.local.viewer.location()

        def taken_up() -> None:
            if not broken:
                say("taken up: the files have changed")

        if self.workers is None:
            taken_up()
        else:
            self.workers.take_up(configuration._replace(distributions=served), taken_up)
        return not broken

    @property
    def names(self) -> tuple[str, str]:
        """The id and the domain name of the distribution."""
        return self.driver.distribution.id, self.driver.distribution.domain_name

    @property
    def aliases(self) -> tuple[str, ...]:
        """The alternate domain names of all distributions."""
        served = self.driver.distributions or (self.driver.distribution,)
        return tuple(dict.fromkeys(alias for one in served for alias in one.aliases))

    def invalidate(self, batch: Batch, caller_reference: str = "") -> Invalidation:
        """Remove objects by path and by cache tag. Raises ValueError for what AWS refuses, BatchExists for a caller
        reference that was used for something else."""
        now = self.clock.now()
        id = f"I{os.urandom(8).hex().upper()[:13]}"
        return self.invalidations.create(batch, caller_reference or f"edge-{now}-{id}", now, id, self._remove)

    def _remove(self, batch: Batch) -> int:
        """What a batch names, out of the cache."""
        paths, tags = batch
        wrong = next((fault for path in paths if (fault := invalidation.fault(path))), None)
        if wrong is not None:
            raise ValueError(wrong)
        headers = {
            one.cache_id: one.cache_tag_header for one in deployment.with_staging(self._configuration.distributions)
        }
        if tags and not any(headers.values()):
            raise ValueError("the distribution has no CacheTagConfig, so objects have no tags")
        removed = self.tiers.remove_where(invalidation.named(paths, tags, headers))
        if self.workers is not None:
            self.workers.invalidate(paths, tags, headers)
        return removed

    def _engine(self, configuration: Configuration) -> FunctionRuntime:
        stores = self._key_value_stores(configuration)
        return functions.runtime_for(configuration, self._options.engine, stores, self.tiers.topology, self._throttle)

    def _key_value_stores(self, configuration: Configuration) -> KeyValueStores:
        """The key value stores with what the configuration seeds them with; the first brings them about."""
        if self._stores is None:
            if not configuration.stores:
                return MemoryStores({}, self.clock.now())
            folder = TemporaryDirectory(prefix="edge-kvs-", ignore_cleanup_errors=True)
            self.at_the_end(folder.cleanup)
            self.stores_file = Path(folder.name) / "stores.sqlite3"
            self._stores = SqliteStores(self.stores_file, self.clock.now)
        for name, pairs in configuration.stores.items():
            id, propagation_s = configuration.store_facts.get(name, NO_FACTS)
            self._stores.seed(name, pairs, id=id, propagation_s=propagation_s)
        return self._stores

    def _provide_lambda(self, configuration: Configuration) -> None:
        """Have a runtime for Lambda@Edge functions, once there is one to run. Raises Unavailable."""
        if self._lambdas is not None or not deployment.lambda_functions_of(configuration.distributions):
            return
        from edge.environments.pool import LAPTOP_LIMITS
        from edge.runtimes.lambda_edge.lambda_runtime import LambdaRuntime
        from edge.runtimes.lambda_edge.providers.choice import make_provider

        settings = configuration.local.lambda_
        provider = make_provider(
            self._options.isolation or settings.provider or "process",
            network=settings.network is not False,
            program=settings.firecracker,
        )
        limits = replace(LAPTOP_LIMITS, **settings.limits())
        self._lambdas = LambdaRuntime(provider, Path(provider.warden.folder), limits=limits)
        self.driver.lambdas = self._lambdas

    def lambda_counts(self) -> dict[str, int]:
        """How many events were cold, warm, restored and throttled, and how many environments are busy and waiting."""
        if self._lambdas is None:
            return {}
        counts = self._lambdas.counts
        numbers = counts._asdict()
        waiting = numbers.pop("environments") - counts.busy
        return {**numbers, "waiting": waiting}

    def running_lambdas(self) -> LambdaRuntime:
        assert self._lambdas is not None, "a function URL is an origin only where there is a runtime"
        return self._lambdas

    def _report(self, function: CloudFrontFunction, wrong: Invalid, then: str) -> None:
        where = f"{function.source_name or function.name}:{wrong.line}" if wrong.line else function.source_name
        self._options.say(f"{where}: {wrong.error}; {then}")

    def _finished(self, served: Served, body_bytes: int, complete: bool) -> None:
        if self._options.keep_trails:
            self.trails.add(served)
        self._log(served, body_bytes, complete)

    async def _watch(self) -> None:
        from watchfiles import awatch

        while True:
            watched = {path.resolve() for path in self._configuration.watched}

            def ours(change: object, path: str, watched: set[Path] = watched) -> bool:
                return Path(path) in watched

            # Folders are watched, not files: editors replace a file rather than write into it. Now and then the files
            # are looked at all the same: an edit may have come before the watch.
            folders = {path.parent for path in watched}
            changes = awatch(
                *folders,
                watch_filter=ours,
                debounce=100,
                step=20,
                rust_timeout=_LOOK_EVERY_MS,
                yield_on_timeout=True,
                recursive=False,
            )
            async for _ in changes:
                if _states(watched) != self._taken_up:
                    self.reload()
                if {path.resolve() for path in self._configuration.watched} != watched:
                    break


def _disk_cache(options: Options, configuration: Configuration) -> DiskCache | None:
    """The part of the cache that is on disk; None without one. Raises CannotKeep."""
    settings = options.cache
    if settings.disk is None:
        return None
    from edge.disk_cache.journal import DiskCache

    origins = [
        (one.id, origin.id, origin.domain_name, origin.local_url, origin.path)
        for one in configuration.distributions
        for origin in one.origins.values()
    ]
    try:
        return DiskCache(settings.disk, repr(sorted(origins)), settings.disk_max_bytes, options.say)
    except OSError as error:
        raise CannotKeep(f"cannot keep the cache in {settings.disk}: {error.strerror or error}") from error


def _states(paths: Iterable[Path]) -> dict[Path, tuple[int, int, int] | None]:
    """What tells one version of each file from another; None for a file that is not there."""
    states: dict[Path, tuple[int, int, int] | None] = {}
    for path in paths:
        try:
            found = path.stat()
        except OSError:
            states[path.resolve()] = None
        else:
            states[path.resolve()] = (found.st_mtime_ns, found.st_size, found.st_ino)
    return states
