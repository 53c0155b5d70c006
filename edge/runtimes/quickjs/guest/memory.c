// The heap: everything from the end of the data to the end of memory, in blocks with a size in front.
//
// QuickJS-ng takes its small objects from pages of 4 KB, so what arrives here is pages and larger things. Free blocks
// join their free neighbours at once and wait in lists, one for each power of two. The heap grows at `top`. A request
// above the limit does not fail, it ends the call.

#define BLOCK_HEADER 8
#define BLOCK_MIN 64
#define LISTS 24

struct block {
    uint32_t size;   // of the whole block, a multiple of 8; the lowest bit says that it is free
    uint32_t before; // the size of the block in front, 0 for the first
    struct block *next, *previous; // in its list, while it is free
};

extern char __heap_base;

static struct {
    char *top;       // where the last block ends
    uint32_t before; // the size of the last block
    char *highest;   // the highest `top` so far
    uint32_t used, most; // bytes in blocks in use, now and at most
    uint32_t limit;      // on `used`
    bool exhausted;
    struct block *lists[LISTS];
} heap;

static uint32_t block_size(const struct block *block) { return block->size & ~7u; }
static bool block_free(const struct block *block) { return block->size & 1; }
static struct block *block_of(const void *data) { return (struct block *)((char *)data - BLOCK_HEADER); }
static struct block *block_after(struct block *block) { return (struct block *)((char *)block + block_size(block)); }
static int list_for(uint32_t size) { return 31 - __builtin_clz(size); }

static void list_in(struct block *block) {
    struct block **list = &heap.lists[list_for(block_size(block))];
    block->size |= 1;
    block->previous = NULL;
    block->next = *list;
    if (*list)
        (*list)->previous = block;
    *list = block;
}

static void list_out(struct block *block) {
    if (block->next)
        block->next->previous = block->previous;
    if (block->previous)
        block->previous->next = block->next;
    else
        heap.lists[list_for(block_size(block))] = block->next;
    block->size &= ~1u;
}

static void set_size(struct block *block, uint32_t size) {
    block->size = size;
    if ((char *)block + size == heap.top)
        heap.before = size;
    else
        block_after(block)->before = size;
}

static void set_top(char *top, uint32_t before) {
    heap.top = top;
    heap.before = before;
    if (top > heap.highest)
        heap.highest = top;
}

static void give_back(struct block *block) {
    if (block->before) {
        struct block *before = (struct block *)((char *)block - block->before);
        if (block_free(before)) {
            list_out(before);
            set_size(before, block_size(before) + block_size(block));
            block = before;
        }
    }
    if ((char *)block_after(block) == heap.top) {
        set_top((char *)block, block->before);
        return;
    }
    struct block *after = block_after(block);
    if (block_free(after)) {
        list_out(after);
        set_size(block, block_size(block) + block_size(after));
    }
    list_in(block);
}

static void cut(struct block *block, uint32_t need) {
    uint32_t rest = block_size(block) - need;
    if (rest < BLOCK_MIN)
        return;
    set_size(block, need);
    struct block *spare = block_after(block);
    spare->before = need;
    set_size(spare, rest);
    give_back(spare);
}

static struct block *take_listed(uint32_t need) {
    for (int list = list_for(need); list < LISTS; list++)
        for (struct block *block = heap.lists[list]; block; block = block->next)
            if (block_size(block) >= need) {
                list_out(block);
                cut(block, need);
                return block;
            }
    return NULL;
}

static struct block *take_top(uint32_t need) {
    char *end = (char *)(__builtin_wasm_memory_size(0) * 65536);
    if (need > (uint32_t)(end - heap.top))
        return NULL;
    struct block *block = (struct block *)heap.top;
    block->before = heap.before;
    block->size = need;
    set_top(heap.top + need, need);
    return block;
}

static uint32_t needed(size_t size) {
    if (size > 1u << 30)
        size = 1u << 30; // more than there is, and no overflow
    uint32_t need = (size + BLOCK_HEADER + 7) & ~7u;
    return need < BLOCK_MIN ? BLOCK_MIN : need;
}

static void exhausted(void) {
    heap.exhausted = true;
    __builtin_trap();
}

static void count(int32_t bytes) {
    heap.used += bytes;
    if (heap.used > heap.most)
        heap.most = heap.used;
}

static void *heap_malloc(void *opaque, size_t size) {
    uint32_t need = needed(size);
    if (heap.limit && heap.used + need > heap.limit)
        exhausted();
    struct block *block = take_listed(need);
    if (!block)
        block = take_top(need);
    if (!block)
        exhausted();
    count(block_size(block));
    return (char *)block + BLOCK_HEADER;
}

static void *heap_calloc(void *opaque, size_t number, size_t size) {
    uint64_t bytes = (uint64_t)number * size;
    void *data = heap_malloc(opaque, bytes > 1u << 30 ? 1u << 30 : bytes);
    return memset(data, 0, bytes);
}

static void heap_free(void *opaque, void *data) {
    if (!data)
        return;
    count(-(int32_t)block_size(block_of(data)));
    give_back(block_of(data));
}

static size_t heap_usable_size(const void *data) {
    return data ? block_size(block_of(data)) - BLOCK_HEADER : 0;
}

static void *heap_realloc(void *opaque, void *data, size_t size) {
    if (!data)
        return heap_malloc(opaque, size);
    struct block *block = block_of(data);
    uint32_t need = needed(size), had = block_size(block);
    if (need <= had) {
        cut(block, need);
        count((int32_t)block_size(block) - (int32_t)had);
        return data;
    }
    void *grown = heap_malloc(opaque, size);
    memcpy(grown, data, had - BLOCK_HEADER);
    heap_free(opaque, data);
    return grown;
}

static void heap_start(void) { heap.top = heap.highest = (char *)(((uintptr_t)&__heap_base + 15) & ~15u); }

static const JSMallocFunctions heap_functions = {
    heap_calloc, heap_malloc, heap_free, heap_realloc, heap_usable_size,
};
