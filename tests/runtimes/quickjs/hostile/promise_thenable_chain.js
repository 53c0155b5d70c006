async function handler(event) { function t() { return { then: function (ok) { ok(t()); } }; } return t(); }
