# By the sub-account's handle and the key's id. The secret is not imported: nobody can read one back.
terraform import postern_subaccount_apikey.acme_app acme/key_3FvKq0bXy2Zr8Tn5LsWd
