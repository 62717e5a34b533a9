"""Lists: what was selected, compared with what stands; members, their events and Groups, and judgements over them."""
