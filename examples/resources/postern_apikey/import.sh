# By id. The secret is not imported: nobody can read one back.
terraform import postern_apikey.newsletter key_3FvKq0bXy2Zr8Tn5LsWd
