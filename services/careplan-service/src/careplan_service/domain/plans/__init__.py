"""The shared plan: what it holds, when it may be agreed, reviewed and closed."""
