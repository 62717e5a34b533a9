"""What did we agree with the person?"""
