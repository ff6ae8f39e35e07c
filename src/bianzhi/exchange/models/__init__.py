"""What the hub keeps in the database; bulk rows lie in Parquet files."""

from bianzhi.exchange.models.dispatches import (
    AccessToken,
    Dispatch,
    DispatchState,
    Message,
    Webhook,
    WebhookAttempt,
)
from bianzhi.exchange.models.findings import (
    UNSETTLED,
    Change,
    ChangeKind,
    ChangeState,
    Finding,
    FindingState,
    FindingStep,
)
from bianzhi.exchange.models.runs import (
    AliasState,
    IdentityEvent,
    LinkDecision,
    LinkReview,
    ReviewState,
    Run,
    RunState,
    UnitAlias,
)
from bianzhi.exchange.models.sources import (
    Contract,
    ContractStatus,
    Delivery,
    DeliveryState,
    Source,
    Transport,
)

__all__ = [
    "UNSETTLED",
    "AccessToken",
    "AliasState",
    "Change",
    "ChangeKind",
    "ChangeState",
    "Contract",
    "ContractStatus",
    "Delivery",
    "DeliveryState",
    "Dispatch",
    "DispatchState",
    "Finding",
    "FindingState",
    "FindingStep",
    "IdentityEvent",
    "LinkDecision",
    "LinkReview",
    "Message",
    "ReviewState",
    "Run",
    "RunState",
    "Source",
    "Transport",
    "UnitAlias",
    "Webhook",
    "WebhookAttempt",
]
