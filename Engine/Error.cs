using System;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Commitments;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine;

/// <summary>Every mistake a caller can make, one factory each: texts live here, throw sites read <c>throw Error.X(…)</c>.</summary>
internal static class Error
{
    internal static ArgumentException RankTooLarge(int rank)
        => new($"rank {rank} is above the limit of {Limits.Rank}");

    internal static ArgumentException NoAxis(Shape shape, int axis)
        => new($"{shape} has no axis {axis}");

    internal static ArgumentException NegativeExtent(ReadOnlySpan<long> extents)
        => new($"[{string.Join(',', extents.ToArray())}] has a negative extent");

    internal static ArgumentException TooManyElements(ReadOnlySpan<long> extents)
        => new($"[{string.Join(',', extents.ToArray())}] has more than {Limits.Elements} elements");

    internal static ArgumentException NotBroadcastable(Shape a, Shape b)
        => new($"shapes {a} and {b} do not broadcast");

    internal static ArgumentException StrideCount(Shape shape, int strides)
        => new($"a view of shape {shape} needs {shape.Rank} strides, got {strides}");

    internal static ArgumentException ElementCounts(Shape from, Shape to)
        => new($"cannot reshape {from} ({from.Elements} elements) to {to} ({to.Elements} elements)");

    internal static ArgumentException ByteCount(TensorType type, long bytes)
        => new($"{type} needs {type.Bytes} bytes, got {bytes}");

    internal static ArgumentException TensorTooLarge(TensorType type)
        => new($"{type} is larger than the limit of {Limits.TensorBytes} bytes");

    internal static ArgumentException ElementKind(int slot, DType type, string wanted)
        => new($"input {slot} is {type.Name()}, not {wanted}");

    internal static ArgumentException OpInputs(string op, string rule, ReadOnlySpan<TensorType> inputs)
        => new($"{op}: {rule}; got {string.Join<TensorType>(", ", inputs.ToArray())}");

    internal static ArgumentException FootprintOf(Shape shape)
        => new($"a footprint of {shape} has {shape.Rank} extents, and no number below 0");

    internal static ArgumentException AttributeOutOfRange(string attribute, long value, long low, long high)
        => new($"attribute '{attribute}' is {value}, not {low} to {high}");

    internal static ArgumentException AttributeUnknown(string attribute, long value)
        => new($"attribute '{attribute}' is {value}, which stands for nothing");

    internal static ArgumentException AttributeCount(string name, int wanted, int got)
        => new($"{name} takes {wanted} values, got {got}");

    internal static ArgumentException WindowLists()
        => new($"a window has one entry for each of 1 to {Limits.Rank - 2} spatial axes in every list, each in its range");

    internal static ArgumentException TooManyNodes()
        => new($"the graph has more than {Limits.Nodes} nodes");

    internal static ArgumentException GraphDefects(ImmutableArray<string> defects)
        => new($"the graph is not valid: {string.Join("; ", defects)}");

    internal static ArgumentException InputCount(int wanted, int got)
        => new($"the graph has {wanted} inputs, got {got}");

    internal static ArgumentException OutputCount(int wanted, int got)
        => new($"the graph has {wanted} outputs, got {got}");

    internal static ArgumentException NotAResult(string output)
        => new($"output '{output}' is no result of this executor, or was given back before");

    internal static InvalidOperationException Running()
        => new("the executor is running; its buffers serve one run at a time");

    internal static InvalidOperationException StageOrder(string backend)
        => new($"the stages of backend '{backend}' do not ascend by their last nodes, or the nodes of one do not ascend");

    internal static InvalidOperationException HiddenFromSight(string backend, string node)
        => new($"backend '{backend}' hides an output of '{node}' that is to be seen, and cannot show it");

    internal static InvalidOperationException AddedBefore(int tensor)
        => new($"tensor {tensor} was added before");

    internal static InvalidOperationException NeverAdded(int tensor)
        => new($"tensor {tensor} was never added");

    internal static ArgumentException InputType(string name, TensorType wanted, TensorType got)
        => new($"input '{name}' is {wanted}, got {got}");

    internal static ArgumentException Record(int index, string rule)
        => new($"record {index}: {rule}");

    internal static ArgumentException DigestLength(int bytes)
        => new($"a digest has {Digest.Bytes} bytes, got {bytes}");

    internal static ArgumentException LeafCount(long bytes, int digests, bool only)
        => new($"{bytes} bytes do not make {digests} leaves{(only ? ", of which there is only one, the first" : string.Empty)}");

    internal static ArgumentException ParentCount(int children, int parents)
        => new($"{children} children do not make {parents} parents");

    internal static ArgumentException TensorLeaves()
        => new("the leaves of a tensor are not a list of byte strings");

    internal static ArgumentException LeafTooLong(int index, int bytes)
        => new($"leaf {index} has {bytes} bytes, above the limit of {Limits.ListLeafBytes}");

    internal static ArgumentException Indices(ProofDefect defect, long leafCount)
        => new($"the indices do not open leaves of a tree of {leafCount}: {defect}");

    internal static ArgumentException NotCanonical(string what, int index)
        => new($"{what} {index} is not canonical: a NaN or a bool has other bits; Tensor.Canonical mends it");

    internal static ArgumentException OtherInputs()
        => new("the inputs are not the statement's");

    internal static ArgumentException OtherGraph()
        => new("the graph is not the statement's");

    internal static ArgumentException Unreadable(string why)
        => new($"nobody could read that statement: {why}");

    internal static ArgumentException OtherParameters()
        => new("the values are not of the parameters' number and types");

    internal static ArgumentException NothingCommitted()
        => new("nothing of the last node is committed");

    internal static ArgumentException NoRange(int first, int end)
        => new($"the graph cannot be cut so that nodes {first} to {end - 1} are a range: a cut stands behind a node with a committed output, and no value "
            + "that is not committed is needed behind it of a node that has others which are");

    internal static ArgumentException HostDevices(string host)
        => new($"host '{host}' has one device, or two and a bus between them");

    internal static ArgumentException ClusterDefect(string defect)
        => new($"no placement: {defect}");

    internal static ArgumentException TakenCount(int wanted, int got)
        => new($"the stage takes in {wanted} values, got {got}");
}
