using NUnit.Framework;

namespace VerifiableCompute.Engine.Tests.Kernels;

/// <summary>Every op of the catalogue on every width and several thread counts, kernel or not, against its definition.</summary>
[Category("simd")]
internal sealed class CatalogTests
{
    private static readonly string[] Names = [.. Catalog.Cases().Select(row => row.Name).Distinct()];

    [Test]
    public void Every_op_gives_the_bits_of_its_definition([ValueSource(nameof(Names))] string name)
    {
        foreach (OpCase row in Catalog.Cases().Where(row => row.Name == name))
        {
            Differential.Check(row.Op, [.. row.Inputs.Select(input => Layouts.Whole(input))], kernel: null);
        }
    }
}
