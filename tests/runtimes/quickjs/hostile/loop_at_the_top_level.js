for (;;) {}
function handler(event) { return event; }
