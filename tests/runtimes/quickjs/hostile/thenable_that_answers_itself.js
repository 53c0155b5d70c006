async function handler(event) { var t = { then: function (resolve) { resolve(t); } }; return t; }
