"""The edge to the NHS booking and referral standard: messages in, messages out."""
