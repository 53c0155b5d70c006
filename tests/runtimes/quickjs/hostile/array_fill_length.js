function handler(event) { var a = []; a.length = 4294967295; a.fill(0); return a; }
