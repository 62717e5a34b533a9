"""What letters and notices add to the declaration of the service."""

from __future__ import annotations

from mdt_service.communications.notice_handler import create_requested_notice
from mdt_service.communications.request_handler import create_requested_communication
from mdt_service.communications.sent_operation import mark_sent
from mdt_service.domain.invitations.sending import invitation_is_sent_in_writing
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    rules={"Communication": (invitation_is_sent_in_writing,)},
    listeners=(
        Listener(
            "create-requested-communication", ("tandem.communication.requested",), create_requested_communication
        ),
        Listener("create-requested-notice", ("tandem.notice.requested",), create_requested_notice),
    ),
    operations=(
        Operation(
            "sent", mark_sent, level="instance", type="Communication", letter="u", writes=True,
            documentation="Records that an invitation was sent in writing, with the day.",
        ),
    ),
)  # fmt: skip
