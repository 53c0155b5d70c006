function handler(event) { for (;;) new Date(8.64e15).toISOString(), Date.parse('x'.repeat(1000)); }
