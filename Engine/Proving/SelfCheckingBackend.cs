using System;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Proving;

/// <summary>Computes as another backend does, then computes a few elements of every output again by the definition. A cosmic ray must not cost
/// a stake: where they differ the run ends before anything is signed.</summary>
/// <param name="inner">Who computes; stays the caller's.</param>
/// <param name="elements">Elements of each output to compute again.</param>
/// <param name="seed">Which ones; need not be secret, only new.</param>
public sealed class SelfCheckingBackend(IBackend inner, int elements, ulong seed) : IBackend
{
    private ulong _drawn;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <inheritdoc/>
    public void Run(NodeCall call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(call);
        inner.Run(call, cancellation);
        TensorReader? reader = null;
        Span<byte> again = stackalloc byte[sizeof(ulong)];
        for (int output = 0; output < call.Outputs.Length; output++)
        {
            TensorType type = call.Node.Outputs[output];
            int size = type.DType.Size();
            for (int i = 0; i < elements && type.Elements > 0; i++)
            {
                reader ??= new TensorReader(
                    [.. call.Inputs.Select(input => input.ToTensor())], [.. call.Outputs.Select((bytes, o) => new Tensor(call.Node.Outputs[o], bytes))]);
                long element = (long)(Draw() % (ulong)type.Elements);
                call.Node.Op.Evaluate(reader, output, element, new ElementWriter(type.DType, again[..size]));
                if (!again[..size].SequenceEqual(call.Outputs[output].Span.Slice((int)(element * size), size)))
                {
                    throw new BackendException(
                        $"{inner.Name} and the definition disagree on element {element} of output {output} of '{call.Node.Name}' ({call.Node.Op})");
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private ulong Draw()
    {
        (uint a, uint b, _, _) = unchecked(Philox.Block(((uint)_drawn, (uint)(_drawn >> 32), 0, 0), ((uint)seed, (uint)(seed >> 32))));
        _drawn++;
        return a | ((ulong)b << 32);
    }
}
