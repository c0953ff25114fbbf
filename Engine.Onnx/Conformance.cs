using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Execution;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Numerics;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>How one test folder ended.</summary>
/// <param name="Passed">Whether every data set agreed.</param>
/// <param name="Reason">Why not, or empty.</param>
/// <param name="LargestDifference">Largest |ours − expected| of the real outputs that were compared.</param>
public sealed record ConformanceResult(bool Passed, string Reason, double LargestDifference)
{
    /// <summary>Whether it did not run since the model needs only what is out of scope.</summary>
    public bool IsSkipped { get; init; }
}

/// <summary>Runs ONNX test folders: <c>model.onnx</c> beside <c>test_data_set_*</c> with <c>input_i.pb</c> and <c>output_i.pb</c>.</summary>
/// <param name="relative">Largest allowed difference as a share of the expected value.</param>
/// <param name="absolute">Largest allowed difference on top of that.</param>
public sealed class Conformance(double relative, double absolute)
{
    /// <summary>Test folders below a folder, sorted; links are followed, but no folder is visited twice.</summary>
    public static IReadOnlyList<string> Find(string root)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        HashSet<string> seen = [];
        Stack<string> open = new([root]);
        while (open.TryPop(out string? folder))
        {
            if (!seen.Add(RealPath.Of(folder)))
            {
                continue;
            }

            string[] children = Directory.GetDirectories(folder);
            bool hasSets = children.Any(child => Path.GetFileName(child).StartsWith("test_data_set_", StringComparison.Ordinal));
            if (hasSets && File.Exists(Path.Combine(folder, "model.onnx")))
            {
                found.Add(folder);
            }

            foreach (string child in children)
            {
                open.Push(child);
            }
        }

        return [.. found];
    }

    /// <summary>Runs every data set of a test folder. Whatever goes wrong is a reason, but for being cancelled.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ConformanceResult Run(string folder, IBackend backend, CancellationToken cancellation)
    {
        double largest = 0;
        try
        {
            OnnxModel model = OnnxModel.Load(Path.Combine(folder, "model.onnx"));
            string[] sets = [.. Directory.GetDirectories(folder, "test_data_set_*").Order(StringComparer.Ordinal)];
            foreach (string set in sets)
            {
                string reason = RunSet(model, set, backend, ref largest, cancellation);
                if (reason.Length > 0)
                {
                    return new ConformanceResult(false, $"{Path.GetFileName(set)}: {reason}", largest);
                }
            }

            return new ConformanceResult(true, string.Empty, largest);
        }
        catch (Exception refusal) when (refusal is not OperationCanceledException)
        {
            bool isOurs = refusal is InvalidModelException or UnsupportedModelException or ArgumentException or IOException;
            string reason = isOurs ? refusal.Message : $"{refusal.GetType().Name}: {refusal.Message}";
            bool isSkipped = refusal is UnsupportedModelException { IsOutOfScope: true };
            return new ConformanceResult(false, reason.ReplaceLineEndings(" "), largest) { IsSkipped = isSkipped };
        }
    }

    /// <summary>The tensors of <c>prefix_0.pb</c>, <c>prefix_1.pb</c>, … in a folder.</summary>
    /// <exception cref="InvalidModelException">A file is not a tensor.</exception>
    /// <exception cref="UnsupportedModelException">A file has an element type or form that is not supported.</exception>
    public static ImmutableArray<Tensor> ReadSet(string folder, string prefix)
    {
        ImmutableArray<Tensor>.Builder tensors = ImmutableArray.CreateBuilder<Tensor>();
        while (Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{prefix}_{tensors.Count}.pb")) is string path && File.Exists(path))
        {
            tensors.Add(TensorFile.Read(path));
        }

        return tensors.ToImmutable();
    }

    /// <summary>Compares two tensors: integers, bools, infinities and the places of NaN exactly, other reals within the bounds.</summary>
    /// <returns>Empty when they agree, otherwise what differs.</returns>
    public string Compare(Tensor ours, Tensor expected, ref double largest)
    {
        ArgumentNullException.ThrowIfNull(ours);
        ArgumentNullException.ThrowIfNull(expected);
        if (ours.Type != expected.Type)
        {
            return $"is {ours.Type}, not {expected.Type}";
        }

        if (!ours.Type.DType.IsReal())
        {
            int at = ours.Bytes.Span.CommonPrefixLength(expected.Bytes.Span);
            return at == ours.Bytes.Length ? string.Empty : $"differs first at element {at / ours.Type.DType.Size()}";
        }

        for (int i = 0; i < ours.Type.Elements; i++)
        {
            double a = Element(ours, i);
            double b = Element(expected, i);
            bool plain = double.IsFinite(a) && double.IsFinite(b);
            double difference = plain ? Math.Abs(a - b) : 0;
            largest = Math.Max(largest, difference);
            bool agrees = plain ? difference <= absolute + (relative * Math.Abs(b)) : a.Equals(b);
            if (!agrees)
            {
                return string.Create(CultureInfo.InvariantCulture, $"element {i} is {a:R}, not {b:R}");
            }
        }

        return string.Empty;
    }

    private static double Element(Tensor tensor, int index) => tensor.Type.DType switch
    {
        DType.F32 => tensor.As<float>()[index],
        DType.F64 => tensor.As<double>()[index],
        DType.F16 => Real.FromF16(tensor.As<ushort>()[index]),
        _ => Real.FromBF16(tensor.As<ushort>()[index]),
    };

    // Tests from before 2023 store bf16 as u16 bits.
    private static Tensor AsBrain(Tensor tensor)
        => tensor.Type.DType == DType.U16 ? Tensor.Canonical(tensor.Type with { DType = DType.BF16 }, tensor.Bytes.Span) : tensor;

    private string RunSet(OnnxModel model, string set, IBackend backend, ref double largest, CancellationToken cancellation)
    {
        ImmutableArray<Tensor> given = ReadSet(set, "input");
        ImmutableArray<Tensor> expected = ReadSet(set, "output");
        given = [.. given.Select((tensor, i) => i < model.Inputs.Length && model.Inputs[i].DType == DType.BF16 ? AsBrain(tensor) : tensor)];
        if (given.Length != model.Inputs.Length)
        {
            return $"the model has {model.Inputs.Length} inputs, got {given.Length}";
        }

        Dictionary<string, Tensor> named = model.Inputs.Zip(given).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        Graph graph = model.SpecializeForRun(named, backend, cancellation);
        ImmutableArray<Tensor> outputs = new Executor(graph, backend).Run(given, cancellation: cancellation);
        if (outputs.Length < expected.Length)
        {
            return $"{expected.Length} outputs are expected, the model has {outputs.Length}";
        }

        for (int i = 0; i < expected.Length; i++)
        {
            Tensor wanted = outputs[i].Type.DType == DType.BF16 ? AsBrain(expected[i]) : expected[i];
            string reason = Compare(outputs[i], wanted, ref largest);
            if (reason.Length > 0)
            {
                return $"output '{graph.Outputs[i].Name}' {reason}";
            }
        }

        return string.Empty;
    }
}
