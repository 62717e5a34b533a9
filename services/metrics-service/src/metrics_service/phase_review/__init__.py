"""The phase review: targets of each year with achievement and capacity."""
