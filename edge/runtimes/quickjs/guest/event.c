// The event on its way in: JSON that the host wrote, so it is known to be well-formed, without spaces, and without a
// key twice in one object. Not having to check that makes this several times faster than JS_ParseJSON, to which strings
// with escapes are left. An event that is nested too deep for the stack ends the call.

struct event_text {
    JSContext *ctx;
    char *at;
};

static JSValue read_value(struct event_text *text);

// The end of the string that begins at `at`, with its quotes; and what is in it besides plain ASCII.
static char *string_end(char *at, bool *escapes, bool *wide) {
    for (char *p = at + 1;; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\')
            *escapes = true, p++;
        else if (*p & 0x80)
            *wide = true;
    }
}

static JSValue read_escaped(JSContext *ctx, char *at, char *end) {
    char after = *end;
    *end = 0;
    JSValue made = JS_ParseJSON(ctx, at, end - at, "event");
    *end = after;
    return made;
}

static JSValue read_string(struct event_text *text) {
    bool escapes = false, wide = false;
    char *at = text->at, *end = text->at = string_end(at, &escapes, &wide);
    if (escapes)
        return read_escaped(text->ctx, at, end);
    if (wide)
        return JS_NewStringLen(text->ctx, at + 1, end - at - 2);
    return js_new_string8_len(text->ctx, at + 1, end - at - 2);
}

static JSAtom read_key(struct event_text *text) {
    bool escapes = false, wide = false;
    char *at = text->at, *end = string_end(at, &escapes, &wide);
    if (escapes || wide)
        return JS_NewAtomStr(text->ctx, JS_VALUE_GET_STRING(read_string(text)));
    text->at = end;
    return JS_NewAtomLen(text->ctx, at + 1, end - at - 2);
}

static JSValue read_number(struct event_text *text) {
    char *end = text->at;
    int32_t whole = 0;
    while (*end >= '0' && *end <= '9' && end - text->at < 9)
        whole = whole * 10 + *end++ - '0';
    if (*end != ',' && *end != '}' && *end != ']')
        return js_float64(strtod(text->at, &text->at));
    text->at = end;
    return js_int32(whole);
}

static JSValue read_object(struct event_text *text) {
    JSValue object = JS_NewObject(text->ctx);
    while (*text->at++ != '}') { // past the brace, a comma, or the end
        if (*text->at == '}')
            continue;
        JSAtom key = read_key(text);
        text->at++; // the colon
        JSValue value = read_value(text);
        add_property(text->ctx, JS_VALUE_GET_OBJ(object), key, JS_PROP_C_W_E)->u.value = value;
        JS_FreeAtom(text->ctx, key);
    }
    return object;
}

static JSValue read_array(struct event_text *text) {
    JSValue array = JS_NewArray(text->ctx);
    for (uint32_t i = 0; *text->at++ != ']'; i++)
        if (*text->at != ']')
            JS_DefinePropertyValueUint32(text->ctx, array, i, read_value(text), JS_PROP_C_W_E);
    return array;
}

static JSValue read_word(struct event_text *text) {
    char first = *text->at;
    text->at += first == 'f' ? 5 : 4;
    return first == 'n' ? JS_NULL : JS_NewBool(text->ctx, first == 't');
}

static JSValue read_value(struct event_text *text) {
    if (js_check_stack_overflow(text->ctx->rt, 0))
        __builtin_trap();
    switch (*text->at) {
    case '{': return read_object(text);
    case '[': return read_array(text);
    case '"': return read_string(text);
    case 'f':
    case 'n':
    case 't': return read_word(text);
    default: return read_number(text);
    }
}

static JSValue read_event(JSContext *ctx, char *json) {
    struct event_text text = { ctx, json };
    return read_value(&text);
}
