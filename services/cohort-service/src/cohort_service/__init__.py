"""Who needs proactive care, and why?"""
