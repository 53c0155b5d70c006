function handler(event) { throw { toString: function () { for (;;); } }; }
