using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Bench.Compare;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>Every op: the published vectors; elementwise ops on every kind of bits; and sizes that reach every kernel, against the processors'
/// kernels, which are tested against the definition.</summary>
internal sealed class ContractProbe() : Probe("contracts", "Ops", 80)
{
    private readonly SortedDictionary<string, (int Cases, int Kernels)> _counts = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    protected override void Run()
    {
        Vector[] vectors = [.. Vector.Read()];
        foreach (Vector vector in vectors)
        {
            Check(vector.Op, vector.Inputs, vector.Outputs);
        }

        int elements = IsQuick ? 1 << 9 : 1 << 16;
        foreach (Vector vector in vectors.Where(vector => vector.Op is Unary or Binary or Where)
            .DistinctBy(vector => (vector.Op.ToString(), string.Join(' ', vector.Inputs.Select(input => input.Type.DType)), vector.Outputs[0].Type.DType)))
        {
            Check(vector.Op, [.. vector.Inputs.Select((input, slot) => Samplings.Wild(input.Type.DType, new Shape(elements), (uint)slot + 1))]);
        }

        foreach ((Op op, ImmutableArray<Tensor> inputs) in Sizes.All(IsQuick))
        {
            Check(op, inputs);
        }

        foreach ((string name, (int cases, int kernels)) in _counts)
        {
            Add(new Figure("cases equal to the definition", name, "cases", cases, string.Empty));
            Add(new Figure("cases equal to the definition", name, "with a kernel", kernels, string.Empty));
        }

        Note(string.Create(CultureInfo.InvariantCulture, $"{_counts.Values.Sum(count => count.Cases)} cases of {_counts.Count} ops compared"));
    }

    private void Check(Op op, ImmutableArray<Tensor> inputs, ImmutableArray<Tensor> expected = default)
    {
        if (!MayBegin())
        {
            return;
        }

        ImmutableArray<TensorType> types = op.Infer([.. inputs.Select(input => input.Type)]);
        ImmutableArray<byte[]> wanted = expected.IsDefault ? Run(Backend.Cpu, op, inputs, types) : [.. expected.Select(tensor => tensor.Bytes.ToArray())];
        ImmutableArray<byte[]> got = Run(Backend, op, inputs, types);
        (int cases, int kernels) = _counts.GetValueOrDefault(op.Name);
        _counts[op.Name] = (cases + 1, kernels + (Backend.LastRanKernel ? 1 : 0));
        for (int slot = 0; slot < got.Length; slot++)
        {
            int at = got[slot].AsSpan().CommonPrefixLength(wanted[slot]);
            if (at < wanted[slot].Length)
            {
                int size = types[slot].DType.Size();
                string Element(byte[] bytes) => Convert.ToHexStringLower(bytes, at / size * size, size);
                Wrong($"{op} on {string.Join(", ", inputs.Select(input => input.Type))}: element {at / size} of output {slot} is "
                    + $"{Element(wanted[slot])}, and it gives {Element(got[slot])}");
                return;
            }
        }
    }

    private static ImmutableArray<byte[]> Run(IBackend backend, Op op, ImmutableArray<Tensor> inputs, ImmutableArray<TensorType> types)
    {
        ImmutableArray<byte[]> outputs = [.. types.Select(type => new byte[type.Bytes])];
        ImmutableArray<Operand> operands = [.. inputs.Select(input => new Operand(input.Type, input.Bytes, AffineView.Identity(input.Type.Shape), null))];
        backend.Run(new NodeCall(new Node(op.Name, op, [], types), operands, [.. outputs.Select(bytes => bytes.AsMemory())]), CancellationToken.None);
        return outputs;
    }
}
