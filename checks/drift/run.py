"""One run of `drift`, from the settings to the report."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from checks.check import UncheckableError
from checks.drift.findings.classify import About, Classified, classify
from checks.drift.findings.expiry import expiries
from checks.drift.findings.finding import Absorbed, DriftFinding, Kind
from checks.drift.findings.ignores import IGNORE_FILE, Ignore, read_ignores, sift
from checks.drift.live.clients import Clients
from checks.drift.live.look import LiveLook, look
from checks.drift.plan.document import UnreadablePlanError, read_plan
from checks.drift.plan.looking import Look, Looked
from checks.drift.plan.saved import read_plans
from checks.drift.report.model import DriftReport
from checks.unknown_names import unknown
from settings import Settings
from settings.naming import bundle_stack

NOT_LOOKED_AT = (
    "the objects themselves were not looked at: --plans; of what was added or taken away there, a plan shows what the "
    "provider writes into the state"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to look at, and how. With `saved`, at the plans that `cdktf diff` left; nothing is run then."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    output: Path
    stacks: tuple[str, ...]
    saved: bool
    jobs: int
    fail_on: tuple[Kind, ...]
    ignores: tuple[Ignore, ...]

    def report(self) -> DriftReport:
        """Look, and say what was found."""
        if self.saved:
            plans = read_plans(self.stacks, output=self.output, environ=self.environ, jobs=self.jobs)
            looked = tuple((plan, LiveLook()) for plan in plans)
        else:
            looked = self._looked()
        stacks: list[tuple[str, str, str]] = []
        findings: list[DriftFinding] = []
        absorbed: list[Absorbed] = []
        notes: list[str] = []
        for one, live in looked:
            found, problem = self._classified(one, live)
            ahead: Iterable[DriftFinding] = ()
            if not problem and not self.saved:
                try:
                    ahead = self._expiring(one)
                except UncheckableError as reason:
                    told = f"the expiry of the token of {one.name} could not be looked up: {reason}"
                    problem, notes = (told, notes) if Kind.EXPIRY in self.fail_on else ("", [*notes, told])
            stacks.append((one.name, problem, one.compared_with))
            findings += [*found.findings, *ahead]
            absorbed += found.absorbed
        if self.saved:
            notes.append(NOT_LOOKED_AT)
        if self.saved and any(self.settings.stacks[name].environment for name in self.stacks):
            notes.append("the expiry of tokens was not looked up: --plans")
        now = self.settings.invocation.now
        looked_at = {name for name, problem, _ in stacks if not problem}
        sifted = sift(findings, self.ignores, stacks=looked_at, today=now.date())
        return DriftReport.of(
            project=self.settings.project,
            at=now,
            stacks=stacks,
            findings=sifted.findings,
            absorbed=absorbed,
            ignored=sifted.ignored,
            notes=[*notes, *sifted.notes],
            fail_on=self.fail_on,
        )

    def _looked(self) -> tuple[tuple[Looked, LiveLook], ...]:
        """The plan of each stack, and as soon as it is there, the look at the objects behind it."""
        clients = Clients(self.settings, self.environ)

        def at_objects(looked: Looked) -> tuple[Looked, LiveLook]:
            if looked.stack is None or looked.document is None:
                return looked, LiveLook()
            try:
                plan = read_plan(looked.document)
            except UnreadablePlanError:
                return looked, LiveLook()
            return looked, look(looked.stack, plan, lambda: clients.of(looked.name))

        with ThreadPoolExecutor(1) as meanwhile:
            meanwhile.submit(clients.load)
            return Look(self.settings, self.environ, self.output, self.jobs).plans(self.stacks, at_objects)

    def _classified(self, looked: Looked, live: LiveLook) -> tuple[Classified, str]:
        if looked.document is None:
            return Classified(), looked.problem
        try:
            found = classify(looked.document, stack=looked.name, about=self._about(looked, live))
        except UnreadablePlanError as reason:
            return Classified(), str(reason)
        return found, "; ".join(live.problems)

    def _about(self, looked: Looked, live: LiveLook) -> About:
        environment = self.settings.stacks[looked.name].environment
        bundle = self.settings.stacks[looked.name].bundle
        deployer = bundle.environment if bundle else None
        looked_in = environment or deployer
        return About(
            paths=looked.paths,
            deployer=deployer.principal if deployer else None,
            rotation=environment.token.rotation if environment else None,
            now=self.settings.invocation.now,
            live=live.leaves,
            host=looked_in.workspace.host if looked_in else "",
        )

    def _expiring(self, looked: Looked) -> tuple[DriftFinding, ...]:
        environment = self.settings.stacks[looked.name].environment
        if environment is None or looked.document is None:
            return ()
        return expiries(
            looked.document,
            stack=looked.name,
            environment=environment,
            settings=self.settings,
            environ=self.environ,
            paths=looked.paths,
        )


def ignores_of(settings: Settings, file: Path | None) -> tuple[Ignore, ...]:
    """The entries of an ignore file, by default of the one beside mlops.yaml; FaultsError with all that is wrong."""
    path = file or settings.path.parent / IGNORE_FILE
    if file is None and not path.exists():
        return ()
    return read_ignores(path, stacks=looked_at(settings), name=str(file or IGNORE_FILE))


def chosen(settings: Settings, names: Iterable[str]) -> tuple[str, ...]:
    """The stacks of those names, or all without any; UncheckableError for an unknown or a personal one."""
    known, asked = looked_at(settings), tuple(dict.fromkeys(names))
    targets = settings.ml_project.targets if settings.ml_project else ()
    personal = {bundle_stack(target) for target in targets} - set(known)
    for name in asked:
        if name in personal:
            raise UncheckableError(
                f"{name} is a person's own stack, which is never looked at; there are {', '.join(known)}"
            )
        if name not in known:
            raise UncheckableError(unknown("stack", name, known))
    return asked or known


def looked_at(settings: Settings) -> tuple[str, ...]:
    """Every stack that drift looks at: the repository, the environments, their bundles; none of a person's."""
    return tuple(name for name, one in settings.stacks.items() if not one.personal)
