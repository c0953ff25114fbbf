using System.Collections.Immutable;

namespace VerifiableCompute.Bench.Generated;

/// <summary>A weight of a generated decoder, as [rows, columns] with y = x · W.</summary>
/// <param name="Name">Its name in the ONNX model.</param>
/// <param name="Other">Its name in a GGUF file.</param>
/// <param name="Rows">Extent of the input; 1 for a vector.</param>
/// <param name="Columns">Extent of the output.</param>
/// <param name="IsTable">Whether rows are looked up rather than multiplied.</param>
internal sealed record Weight(string Name, string Other, int Rows, int Columns, bool IsTable = false)
{
    /// <summary>Bytes of its f32 elements.</summary>
    public long Bytes => 4L * Rows * Columns;

    /// <summary>Whether it is the gain of a norm.</summary>
    public bool IsVector => Rows == 1;

    /// <summary>Element (row, column): uniform with the variance that keeps activations as large as they are, a pure function of its place.</summary>
    public float Value(uint stream, int row, int column)
    {
        if (IsVector)
        {
            return 1f;
        }

        ulong z;
        unchecked
        {
            z = ((ulong)stream << 40) + (ulong)(((long)row * Columns) + column) + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
        }

        float scale = IsTable ? 1f : MathF.Sqrt(3f / Rows);
        return ((int)(z >> 40) - (1 << 23)) * (scale / (1 << 23));
    }
}

/// <summary>Sizes of a generated decoder of the architecture that llama.cpp calls "llama": RMS norm, rotary positions, gated SiLU; all f32.</summary>
/// <param name="Layers">Blocks.</param>
/// <param name="Width">Width of the residual.</param>
/// <param name="Heads">Heads of attention, for keys and values too.</param>
/// <param name="Inner">Width between the products of the second half of a block.</param>
/// <param name="Vocabulary">Words.</param>
internal sealed record LlamaShape(int Layers, int Width, int Heads, int Inner, int Vocabulary)
{
    /// <summary>Positions that tables are made for.</summary>
    public const int Positions = 4096;

    /// <summary>Base of the rotary frequencies.</summary>
    public const float Base = 10_000f;

    /// <summary>Added to the mean square.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>The sizes of the demo's decoder.</summary>
    public static LlamaShape Demo { get; } = new(8, 512, 8, 2048, 4096);

    /// <summary>Width of a head.</summary>
    public int HeadWidth => Width / Heads;

    /// <summary>All weights, in the order of the file.</summary>
    public ImmutableArray<Weight> Weights =>
    [
        new("embedding", "token_embd.weight", Vocabulary, Width, IsTable: true),
        .. Enumerable.Range(0, Layers).SelectMany(Block),
        new("norm", "output_norm.weight", 1, Width),
        new("head", "output.weight", Width, Vocabulary),
    ];

    /// <summary>Number of parameters.</summary>
    public long Parameters => Weights.Sum(weight => weight.Bytes) / 4;

    /// <summary>Its sizes, in a file name.</summary>
    public override string ToString() => $"l{Layers}-d{Width}-h{Heads}-f{Inner}-v{Vocabulary}";

    private IEnumerable<Weight> Block(int layer) =>
    [
        new($"{layer}.norm1", $"blk.{layer}.attn_norm.weight", 1, Width),
        new($"{layer}.q", $"blk.{layer}.attn_q.weight", Width, Width),
        new($"{layer}.k", $"blk.{layer}.attn_k.weight", Width, Width),
        new($"{layer}.v", $"blk.{layer}.attn_v.weight", Width, Width),
        new($"{layer}.o", $"blk.{layer}.attn_output.weight", Width, Width),
        new($"{layer}.norm2", $"blk.{layer}.ffn_norm.weight", 1, Width),
        new($"{layer}.gate", $"blk.{layer}.ffn_gate.weight", Width, Inner),
        new($"{layer}.up", $"blk.{layer}.ffn_up.weight", Width, Inner),
        new($"{layer}.down", $"blk.{layer}.ffn_down.weight", Inner, Width),
    ];
}
