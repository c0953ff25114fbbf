using System.Collections.Immutable;
using System.Globalization;

using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Ops;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Gpu;

/// <summary>A row of docs/op-vectors.tsv.</summary>
/// <param name="Op">The op.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">What the definition gives.</param>
internal sealed record Vector(Op Op, ImmutableArray<Tensor> Inputs, ImmutableArray<Tensor> Outputs)
{
    /// <summary>All rows.</summary>
    /// <exception cref="InvalidDataException">A row is none.</exception>
    public static IEnumerable<Vector> Read()
        => File.ReadLines(Path.Combine(Folders.Root, "docs", "op-vectors.tsv")).Where(line => !line.StartsWith('#')).Select(Parse);

    private static Vector Parse(string line)
    {
        string[] cells = line.Split('\t');
        ImmutableArray<long>[] attributes = [.. Words(cells[2]).Select(Numbers)];
        return OpSet.TryCreate(cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture), attributes, out Op? op)
            ? new Vector(op, Tensors(cells[3]), Tensors(cells[4]))
            : throw new InvalidDataException($"no op {cells[0]} {cells[2]}");
    }

    private static ImmutableArray<Tensor> Tensors(string cell) => [.. Words(cell).Select(word =>
    {
        int bracket = word.IndexOf('[', StringComparison.Ordinal);
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        DType type = Enum.GetValues<DType>().Single(type => type.Name() == word[..bracket]);
        return new Tensor(new TensorType(type, new Shape([.. Numbers(word[bracket..colon])])), Convert.FromHexString(word[(colon + 1)..]));
    })];

    private static string[] Words(string cell) => cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ImmutableArray<long> Numbers(string list)
        => [.. list.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
}
