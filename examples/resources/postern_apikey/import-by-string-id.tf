import {
  to = postern_apikey.newsletter
  id = "key_3FvKq0bXy2Zr8Tn5LsWd"
}
