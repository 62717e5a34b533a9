"""Bringing declared services to life: one in a process, or all five in one."""
