using System.Collections.Immutable;

namespace VerifiableCompute.Engine.Planning;

/// <summary>Where the outputs of a graph's nodes live while it runs.</summary>
/// <param name="Buffers">Size of each shared buffer in bytes.</param>
/// <param name="Places">For each node and output: index of its shared buffer, or −1 for a view, −2 for a graph output, which has a buffer
/// of its own, −3 for a value that is never stored whole.</param>
/// <param name="OutputBytes">Bytes of the buffers that graph outputs have of their own, and of the copies that outputs with a scattered map
/// become at the end.</param>
/// <param name="ParameterBytes">Bytes of all parameters, each tensor once.</param>
/// <param name="LargestLiveBytes">The lower bound: the most bytes of intermediates that are needed at one time.</param>
public sealed record Plan(
    ImmutableArray<long> Buffers,
    ImmutableArray<ImmutableArray<int>> Places,
    long OutputBytes,
    long ParameterBytes,
    long LargestLiveBytes)
{
    /// <summary>Place of a view: it has no bytes.</summary>
    public const int IsView = -1;

    /// <summary>Place of a value that is a graph output.</summary>
    public const int IsOutput = -2;

    /// <summary>Place of a value that only its own stage reads, part by part: it has no buffer.</summary>
    public const int IsHidden = -3;

    /// <summary>Bytes of intermediates and outputs that a run holds.</summary>
    public long ActivationBytes
    {
        get
        {
            long bytes = OutputBytes;
            foreach (long buffer in Buffers)
            {
                bytes += buffer;
            }

            return bytes;
        }
    }

    /// <summary>Bytes that a run holds at its peak: parameters, intermediates and outputs. The inputs are the caller's. What the backend holds
    /// comes on top: a second, packed form of the weights and scratch (see docs/architecture.md, section Memory).</summary>
    public long PeakBytes => ParameterBytes + ActivationBytes;
}
