// The first index out of range since the host last looked: count, operator, index, limit.
@group(0) @binding(10) var<storage, read_write> faults: array<atomic<u32>, 4>;

fn fault(op: u32, index: u32, limit: u32) {
    if (atomicAdd(&faults[0], 1u) == 0u) {
        atomicStore(&faults[1], op);
        atomicStore(&faults[2], index);
        atomicStore(&faults[3], limit);
    }
}
