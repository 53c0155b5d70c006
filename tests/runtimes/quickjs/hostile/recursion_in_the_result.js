function handler(event) { event.toJSON = function () { return { a: event }; }; return event; }
