using System.Collections.Immutable;
using System.Diagnostics;

using VerifiableCompute.Bench.Ort;
using VerifiableCompute.Bench.Reports;
using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Oracle;

/// <summary>The verb <c>oracle</c>: compares bits with ONNX Runtime, row by row, and writes the table.</summary>
internal static class OracleRun
{
    /// <summary>Least number of output elements of a row.</summary>
    public const long MinimumElements = 1_000_000;

    // The definition is slow: it runs the small cases until it has seen enough.
    private const long DefinitionWork = 20_000_000;
    private const long DefinitionElements = 100_000;

    /// <summary>Runs the rows whose name contains the filter.</summary>
    /// <returns>The exit code: 1 where a claim does not hold.</returns>
    public static int Run(string filter)
    {
        List<RowResult> results = [];
        foreach (Row row in (ImmutableArray<Row>)[.. ProductRows.All, .. IntegerRows.All, .. QuantiseRows.All, .. PoolRows.All])
        {
            if (row.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            {
                results.Add(RunRow(row));
                Console.WriteLine(Line(results[^1]));
            }
        }

        OracleReport.Write(results, whole: filter.Length == 0);
        return results.Exists(result => result.Fails) ? 1 : 0;
    }

    private static RowResult RunRow(Row row)
    {
        RowResult result = new(row.Name, ClaimHere(row.Claim));
        using IBackend fast = Backends.Fast(threads: 2);
        using ReferenceBackend definition = new();
        Stopwatch watch = Stopwatch.StartNew();
        for (uint index = 0; result.Cases < row.MinimumCases || result.Elements < MinimumElements; index++)
        {
            Case @case = row.Make(new Draw(row.Name, index));
            ImmutableArray<Tensor> theirs = Theirs(@case, threads: 1 + ((int)index % 2));
            result.Cases++;
            result.Work += @case.Work;
            result.Elements += theirs.Sum(tensor => tensor.Type.Elements);
            if (@case.Work > result.LargestWork)
            {
                (result.Largest, result.LargestWork) = (@case.Text, @case.Work);
            }

            long differing = Compare(@case, index, fast, theirs, result);
            result.Differing += differing;
            result.DifferingCases += differing > 0 ? 1 : 0;
            if (@case.Work <= DefinitionWork && result.DefinitionElements < DefinitionElements)
            {
                result.DefinitionElements += theirs.Sum(tensor => tensor.Type.Elements);
                result.DefinitionDiffering += Compare(@case, index, definition, theirs, result);
            }
        }

        result.Seconds = watch.Elapsed.TotalSeconds;
        return result;
    }

    private static string ClaimHere(Claim claim) => claim switch
    {
        Claim.Equal => "equal",
        Claim.EqualWithoutSaturation => Saturation.Unsigned ? "equal, not on this processor" : "equal",
        Claim.EqualWithoutSignedSaturation => Saturation.Signed ? "equal, not on this processor" : "equal",
        _ => "none",
    };

    private static ImmutableArray<Tensor> Theirs(Case @case, int threads)
    {
        try
        {
            using OrtSession session = new(@case.Model, @case.Outputs, optimise: false, threads);
            session.Bind(@case.Inputs);
            return session.Run();
        }
        catch (OrtException refusal)
        {
            throw new OrtException($"{@case.Text}: {refusal.Message}");
        }
    }

    private static long Compare(Case @case, uint index, IBackend backend, ImmutableArray<Tensor> theirs, RowResult result)
    {
        ImmutableArray<Tensor> ours = new Executor(@case.Graph, backend).Run([.. @case.Inputs.Select(input => input.Value)]);
        long differing = 0;
        for (int output = 0; output < ours.Length; output++)
        {
            (long count, string? first) = Difference.Between(ours[output], theirs[output]);
            differing += count;
            if (first is not null && @case.Work < result.SmallestDifferenceWork)
            {
                result.SmallestDifferenceWork = @case.Work;
                result.SmallestDifference = $"case {index}, {backend.Name}, {@case.Text}: output {output} {first}";
            }
        }

        return differing;
    }

    private static string Line(RowResult result)
    {
        string text = $"{(result.Fails ? "FAIL" : "    ")} {result.Row}: {result.Differing} of {result.Elements} differ in {result.Cases} cases"
            + $" (definition {result.DefinitionDiffering} of {result.DefinitionElements}), "
                + $"claim: {result.Claim}, {result.Seconds:F1} s; largest {result.Largest}";
        return result.SmallestDifference is null ? text : $"{text}\n       least: {result.SmallestDifference}";
    }
}
