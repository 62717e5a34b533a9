"""Messages of the NHS booking and referral standard (BaRS), and what they mean here. Nothing else knows them."""
