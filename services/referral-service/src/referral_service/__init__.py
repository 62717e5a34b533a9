"""Was the loop closed?"""
