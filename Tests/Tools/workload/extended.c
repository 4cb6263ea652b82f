// Extended attributes and ACLs. ACLs are written in the kernel's own encoding.
#include "workload.h"
#include <sys/xattr.h>

static struct entry *some(struct world *w) {
    return chance(w, 70) ? pick(w, INSIDE, FILE_) : pick(w, INSIDE, DIRECTORY);
}

static enum outcome set(struct world *w, struct entry *entry, const char *name, const void *value, size_t bytes) {
    if (!entry) return SKIPPED;
    struct place place = place_of(w, entry);
    enum outcome outcome = result(w, lsetxattr(place.path, name, value, bytes, 0));
    leave(&place);
    return outcome;
}

enum outcome set_attribute(struct world *w) {
    static const char *const names[] = {"user.a", "user.b", "user.na\xc3\xafve", "user.long name with spaces"};
    return set(w, some(w), names[below(w, 4)], filler + below(w, 500000), below(w, chance(w, 10) ? 900 : 60));
}

enum outcome set_trusted(struct world *w) {
    struct entry *entry = chance(w, 30) ? pick(w, INSIDE, SPECIAL) : some(w);
    return set(w, entry, "trusted.treeline-test", filler + below(w, 500000), below(w, 40));
}

enum outcome remove_attribute(struct world *w) {
    for (int tries = 0; tries < 10; tries++) {
        struct entry *entry = some(w);
        if (!entry) return SKIPPED;
        struct place place = place_of(w, entry);
        char names[4096];
        ssize_t bytes = llistxattr(place.path, names, sizeof names);
        int removed = bytes > 0 ? lremovexattr(place.path, names) : -1;
        leave(&place);
        if (!removed) return DONE;
    }
    return SKIPPED;
}

enum outcome set_capability(struct world *w) {
    // Version 2: permitted and inheritable sets in two words each.
    uint32_t value[5] = {0x02000000 | below(w, 2), below(w, 1 << 16), 0, below(w, 1 << 16), 0};
    return set(w, pick(w, INSIDE, FILE_), "security.capability", value, sizeof value);
}

struct rule {
    uint16_t tag, permissions;
    uint32_t id;
};

// owner, one named user, group, one named group, mask, others.
static enum outcome set_acl(struct world *w, struct entry *entry, const char *name) {
    struct {
        uint32_t version;
        struct rule rules[6];
    } acl = {2,
             {{0x01, below(w, 8), -1},
              {0x02, below(w, 8), below(w, 60000)},
              {0x04, below(w, 8), -1},
              {0x08, below(w, 8), below(w, 60000)},
              {0x10, below(w, 8), -1},
              {0x20, below(w, 8), -1}}};
    return set(w, entry, name, &acl, sizeof acl);
}

enum outcome set_access_acl(struct world *w) { return set_acl(w, some(w), "system.posix_acl_access"); }
enum outcome set_default_acl(struct world *w) {
    return set_acl(w, pick(w, INSIDE, DIRECTORY), "system.posix_acl_default");
}

enum outcome remove_acl(struct world *w) {
    struct entry *entry = pick(w, INSIDE, DIRECTORY);
    struct place place = place_of(w, entry);
    int removed = lremovexattr(place.path, "system.posix_acl_default");
    if (lremovexattr(place.path, "system.posix_acl_access") == 0) removed = 0;
    leave(&place);
    return removed ? SKIPPED : DONE;
}
