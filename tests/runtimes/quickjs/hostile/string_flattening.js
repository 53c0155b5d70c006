function handler(event) { var s = 'a'.repeat(100000); for (var n = 0; ; n++) n += (s + 'b').charCodeAt(0); }
