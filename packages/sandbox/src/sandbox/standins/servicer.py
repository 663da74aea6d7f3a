"""The tfplugin6 service: any provider that is described in `behaviour`, served from its schemas."""

import logging
import traceback
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, Generic

from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

from sandbox.standins.behaviour import MissingError, PartlyCreatedError, Provider, RefusedError, Resource, S
from sandbox.standins.plan import Values, observe, observe_configured, plan, settle
from sandbox.standins.schema import Block, Schemas, to_proto
from sandbox.standins.wire import Type, decode, decode_json, encode, known

log = logging.getLogger(__name__)

_IMPORTED = b"imported"  # private data of an import until its first refresh


def _diagnosed(method: Callable[..., None]) -> Callable[..., Any]:
    """A method that fills a response; an exception becomes a diagnostic in it, with the details in the log only."""
    message = getattr(pb, method.__name__)

    @wraps(method)
    def call(self: Any, request: Any, context: Any) -> Any:  # noqa: ARG001
        response = message.Response()
        try:
            method(self, request, response)
        except Exception as error:
            response.diagnostics.append(_diagnostic(_words(error)))
        return response

    return call


def _words(error: BaseException) -> str:
    """What to tell the user. A message of ours may be shown; any other exception could quote a secret."""
    if isinstance(error, RefusedError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    log.error("%s at %s", type(error).__name__, " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames)))
    last = frames[-1]
    return f"the stand-in provider has a fault: {type(error).__name__} in {Path(last.filename).name}:{last.lineno}"


def _diagnostic(summary: str) -> Any:
    return pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary)


class Servicer(rpc.ProviderServicer, Generic[S]):  # type: ignore[misc]
    """One provider process: configured at most once, called from several threads."""

    def __init__(self, provider: Provider[S], schemas: Schemas) -> None:
        self._provider = provider
        self._resources = schemas.resources
        self._data_sources = schemas.data_sources
        self._block = schemas.provider.with_sensitive(provider.sensitive)
        self._session: S | None = None

    @cached_property
    def described(self) -> Any:
        """The answer to GetProviderSchema."""
        response = pb.GetProviderSchema.Response()
        # Spares the call to every process after the first of a run.
        response.server_capabilities.get_provider_schema_optional = True
        response.provider.CopyFrom(to_proto(pb, self._block))
        for name, resource in self._provider.resources.items():
            block = self._resources[name].with_sensitive(resource.sensitive)
            response.resource_schemas[name].CopyFrom(to_proto(pb, block, resource.version))
        for name in self._provider.data_sources:
            response.data_source_schemas[name].CopyFrom(to_proto(pb, self._data_sources[name]))
        return response

    # --- schema and configuration

    @_diagnosed
    def GetProviderSchema(self, request: Any, response: Any) -> None:  # noqa: ARG002, N802
        """Everything that this provider has."""
        response.CopyFrom(self.described)

    @_diagnosed
    def ValidateProviderConfig(self, request: Any, response: Any) -> None:  # noqa: N802
        """Nothing beyond the schema."""

    @_diagnosed
    def ValidateResourceConfig(self, request: Any, response: Any) -> None:  # noqa: N802
        """The resource's own checks."""
        validate = self._provider.resources[request.type_name].validate
        if validate is None:
            return
        fault = validate(_value(self._resources[request.type_name].type, request.config))
        if fault:
            response.diagnostics.append(_diagnostic(fault))

    @_diagnosed
    def ValidateDataResourceConfig(self, request: Any, response: Any) -> None:  # noqa: N802
        """Nothing beyond the schema."""

    @_diagnosed
    def ConfigureProvider(self, request: Any, response: Any) -> None:  # noqa: ARG002, N802
        """Keep the configuration; what is unknown in it at plan time counts as unset."""
        self._session = self._provider.configure(known(_value(self._block.type, request.config)))

    def StopProvider(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802
        """Ctrl-C: let what runs finish, so that it reaches the state."""
        return pb.StopProvider.Response()

    # --- state

    @_diagnosed
    def UpgradeResourceState(self, request: Any, response: Any) -> None:  # noqa: N802
        """The stored state, in the shape of our schema."""
        type_ = self._resources[request.type_name].type
        response.upgraded_state.msgpack = encode(type_, decode_json(type_, request.raw_state.json))

    @_diagnosed
    def ImportResourceState(self, request: Any, response: Any) -> None:  # noqa: N802
        """An object known by nothing but its id; the refresh that follows reads the rest."""
        importer = self._provider.resources[request.type_name].importer
        if importer is None:
            raise RefusedError(f"resource {request.type_name} doesn't support import")
        values = importer(self._connected(), request.id)
        block = self._resources[request.type_name]
        state = encode(block.type, block.empty | values)
        response.imported_resources.add(
            type_name=request.type_name, state=pb.DynamicValue(msgpack=state), private=_IMPORTED
        )

    @_diagnosed
    def ReadResource(self, request: Any, response: Any) -> None:  # noqa: N802
        """Refresh."""
        name, block = request.type_name, self._resources[request.type_name]
        resource = self._provider.resources[name]
        prior = _value(block.type, request.current_state)
        response.private = b"" if request.private == _IMPORTED else request.private
        with _Explained(self._provider, "read", name):
            answered = self._refreshed(resource, prior)
        if answered is None:
            _write(response.new_state, block.type, None)
            return
        if resource.drops_unasked and request.private != _IMPORTED:
            state = observe_configured(block, prior=prior, answered=answered, computed=resource.rules.computed)
        else:
            state = observe(prior=prior, answered=answered)
        _write(response.new_state, block.type, state)

    @_diagnosed
    def ReadDataSource(self, request: Any, response: Any) -> None:  # noqa: N802
        """Look something up."""
        name, block = request.type_name, self._data_sources[request.type_name]
        config = known(_value(block.type, request.config))
        with _Explained(self._provider, "read", name):
            answered = self._provider.data_sources[name].read(self._connected(), config)
        _write(response.state, block.type, block.empty | config | answered)

    # --- change

    @_diagnosed
    def PlanResourceChange(self, request: Any, response: Any) -> None:  # noqa: N802
        """What a change would lead to; sends nothing."""
        resource, block = self._provider.resources[request.type_name], self._resources[request.type_name]
        response.planned_private = request.prior_private
        response.legacy_type_system = resource.legacy_type_system
        config = _value(block.type, request.config)
        if config is None or _value(block.type, request.proposed_new_state) is None:
            _write(response.planned_state, block.type, None)
            return
        planned = plan(block, resource.rules, config=config, prior=_value(block.type, request.prior_state))
        _write(response.planned_state, block.type, planned.state)
        for name in planned.replace:
            response.requires_replace.add(steps=[pb.AttributePath.Step(attribute_name=name)])

    @_diagnosed
    def ApplyResourceChange(self, request: Any, response: Any) -> None:  # noqa: N802
        """Create, update or delete."""
        name, block = request.type_name, self._resources[request.type_name]
        resource = self._provider.resources[name]
        response.private = request.planned_private
        response.legacy_type_system = resource.legacy_type_system
        prior = _value(block.type, request.prior_state)
        planned = _value(block.type, request.planned_state)
        response.new_state.msgpack = request.prior_state.msgpack
        if planned is None:
            with _Explained(self._provider, "delete", name):
                self._delete(resource, prior)
            _write(response.new_state, block.type, None)
            return
        config = _value(block.type, request.config)
        operation = "update" if prior else "create"
        try:
            with _Explained(self._provider, operation, name):
                answered = self._change(resource, block, prior, planned, config)
        except PartlyCreatedError as error:
            answered = error.values
            response.diagnostics.append(_diagnostic(_words(error.__cause__ or error)))
        state = settle(block, planned=planned, config=config, answered=answered)
        state |= {attribute: answered[attribute] for attribute in resource.answers_win if attribute in answered}
        _write(response.new_state, block.type, state)

    def _change(
        self, resource: Resource[S], block: Block, prior: Values | None, planned: Values, config: Values
    ) -> Values:
        """What the server answered to the create or update, and to the read that follows it."""
        session = self._connected()
        if prior is None:
            answered = resource.create(session, known(planned))
        else:
            assert resource.update, "a change without update must replace"
            answered = resource.update(session, prior, known(planned))
        if not resource.reads_back:
            return answered
        state = settle(block, planned=planned, config=config, answered=answered)
        try:
            read = resource.read(session, state)
            if read is None:
                raise RefusedError(f"{state['id']} is gone right after it was written")
        except Exception as error:
            raise PartlyCreatedError(answered) from error
        return answered | read

    def _refreshed(self, resource: Resource[S], prior: Values) -> Values | None:
        try:
            return resource.read(self._connected(), prior)
        except MissingError:
            if resource.gone_on_404:
                return None
            raise

    def _delete(self, resource: Resource[S], prior: Values) -> None:
        try:
            resource.delete(self._connected(), prior)
        except MissingError:
            if not resource.delete_on_404:
                raise

    def _connected(self) -> S:
        if self._session is None:
            raise RefusedError("the provider is not configured")
        return self._session


class _Explained(Generic[S]):
    """Rewords what goes wrong inside as the real provider does."""

    def __init__(self, provider: Provider[S], operation: str, type_name: str) -> None:
        self._provider, self._operation, self._type_name = provider, operation, type_name

    def __enter__(self) -> None:
        pass

    def _explain(self, error: RefusedError) -> RefusedError:
        return RefusedError(self._provider.explain(self._operation, self._type_name, error))

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, PartlyCreatedError) and isinstance(error.__cause__, RefusedError):
            raise PartlyCreatedError(error.values) from self._explain(error.__cause__)
        if isinstance(error, RefusedError):
            raise self._explain(error) from error


def _value(type_: Type, message: Any) -> Any:
    return decode(type_, message.msgpack) if message.msgpack else decode_json(type_, message.json)


def _write(message: Any, type_: Type, value: Any) -> None:
    message.msgpack = encode(type_, value)
