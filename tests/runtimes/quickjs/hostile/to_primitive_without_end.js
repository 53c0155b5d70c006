function handler(event) { var o = { toString: function () { return o + ''; } }; return o + ''; }
