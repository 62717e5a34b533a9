"""Rules of safety nets: nobody with suspected cancer is lost between a referral and its answer."""
