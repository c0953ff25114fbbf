using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Threading;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Graphs;
using VerifiableCompute.Engine.Lowering;
using VerifiableCompute.Engine.Onnx.Import;
using VerifiableCompute.Engine.Onnx.Reading;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>A model that was read, checked, and found to need nothing that is not supported. Immutable; safe for several threads.</summary>
public sealed class OnnxModel
{
    private readonly ModelGraph _graph;
    private readonly Lock _lock = new();
    private readonly List<Specialization> _specializations = [];

    private OnnxModel(ModelGraph graph)
    {
        _graph = graph;
        OnnxBody body = graph.Body;
        Inputs = [.. body.Inputs.Where(input => !body.Initializers.ContainsKey(input.Name))];
        OptionalInputs = [.. body.Inputs.Where(input => body.Initializers.ContainsKey(input.Name))];
        NodeCount = body.AllNodes().Count();
        ParameterBytes = body.Initializers.Values.Sum(tensor => tensor.Type.Bytes);
    }

    /// <summary>The inputs that must be given, in the model's order.</summary>
    public ImmutableArray<OnnxValue> Inputs { get; }

    /// <summary>The inputs that have a default (an initializer of the same name).</summary>
    public ImmutableArray<OnnxValue> OptionalInputs { get; }

    /// <summary>The outputs, in the model's order.</summary>
    public ImmutableArray<OnnxValue> Outputs => _graph.Body.Outputs;

    /// <summary>The opset of each domain; ONNX's own is the empty name.</summary>
    public ImmutableSortedDictionary<string, long> Opsets => _graph.Opsets;

    /// <summary>How often each operator occurs, local functions written out, bodies included.</summary>
    public ImmutableSortedDictionary<string, int> OperatorCounts => _graph.Body.AllNodes().GroupBy(node => node.Op.Name)
        .ToImmutableSortedDictionary(nodes => nodes.Key, nodes => nodes.Count(), StringComparer.Ordinal);

    /// <summary>Number of nodes, local functions written out, bodies included.</summary>
    public int NodeCount { get; }

    /// <summary>Number of weights.</summary>
    public int ParameterCount => _graph.Body.Initializers.Count;

    /// <summary>Bytes of all weights.</summary>
    public long ParameterBytes { get; }

    /// <summary>Version of the file format.</summary>
    public long IrVersion => _graph.IrVersion;

    /// <summary>Who wrote the file, as it says.</summary>
    public string Producer => _graph.Producer;

    /// <summary>Reads a model file. Weights in other files are read from the model's folder only. Large files are mapped: they must stay as they
    /// are for as long as the model or a tensor of it is in use. Replacing a file by another of its name is no change; writing to it is.</summary>
    /// <exception cref="InvalidModelException">The file is not a model; the message lists every defect.</exception>
    /// <exception cref="UnsupportedModelException">The model needs something that is not supported; the message lists all.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static OnnxModel Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return TryLoad(path, out OnnxModel? model, out Exception? refusal) ? model : throw refusal;
    }

    /// <summary>Reads a model file; gives the reason instead of throwing it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="refusal">An <see cref="InvalidModelException"/> or <see cref="UnsupportedModelException"/>.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool TryLoad(string path, [NotNullWhen(true)] out OnnxModel? model, [NotNullWhen(false)] out Exception? refusal)
    {
        ArgumentNullException.ThrowIfNull(path);
        model = null;
        try
        {
            ReadOnlyMemory<byte> bytes = ModelReader.Bytes(path);
            ExternalData external = new(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return TryRead(bytes, external, out model, out refusal);
        }
        catch (InvalidModelException tooLarge)
        {
            refusal = tooLarge;
            return false;
        }
    }

    /// <summary>Reads a model from memory, which the model's tensors may share; weights in other files are refused.</summary>
    /// <exception cref="InvalidModelException">The bytes are not a model; the message lists every defect.</exception>
    /// <exception cref="UnsupportedModelException">The model needs something that is not supported; the message lists all.</exception>
    public static OnnxModel Parse(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return TryRead(bytes, null, out OnnxModel? model, out Exception? refusal) ? model : throw refusal;
    }

    /// <summary>The graph for the given inputs, as a statement may name it. Shapes come from them, and values where a shape or a branch depends
    /// on one that is little work (<see cref="OnnxLimits.FoldWork"/>). The same shapes and the same such values give the same graph object
    /// again.</summary>
    /// <param name="inputs">A tensor for each of <see cref="Inputs"/>, and for those of <see cref="OptionalInputs"/> whose default is to
    /// be replaced. The graph has them as its inputs, in the model's order; see <see cref="Bind"/>.</param>
    /// <exception cref="ArgumentException">An input is missing, unknown, or not of the declared type.</exception>
    /// <exception cref="InvalidModelException">A node's operands do not fit.</exception>
    /// <exception cref="UnsupportedModelException">A node needs something that is not supported.</exception>
    /// <exception cref="NotCommittableException">A shape or a branch depends on a value that is too much work.</exception>
    public Graph Specialize(IReadOnlyDictionary<string, Tensor> inputs) => Specialize(inputs, null, default);

    /// <summary>The graph for a plain run with the given inputs: a backend computes every value that a shape or a branch depends on, whatever
    /// it takes. Where <see cref="Specialize(IReadOnlyDictionary{string, Tensor})"/> gives a graph, this is the same.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="backend">What computes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArgumentException">An input is missing, unknown, or not of the declared type.</exception>
    /// <exception cref="InvalidModelException">A node's operands do not fit.</exception>
    /// <exception cref="UnsupportedModelException">A node needs something that is not supported.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Graph SpecializeForRun(IReadOnlyDictionary<string, Tensor> inputs, IBackend backend, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return Specialize(inputs, backend, cancellation);
    }

    private Graph Specialize(IReadOnlyDictionary<string, Tensor> inputs, IBackend? backend, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        InputCheck.Check(this, inputs);
        bool isStated = backend is null;
        lock (_lock)
        {
            Specialization? found = _specializations.Find(known => (known.IsStated || !isStated) && known.Fits(inputs));
            if (found is null)
            {
                (Graph graph, ImmutableArray<string> demanded) = Importer.Run(_graph, inputs, backend, cancellation);
                found = new Specialization(graph, isStated, [.. demanded.Select(name => (name, inputs[name].Bytes.ToArray()))]);
                if (_specializations.Count == OnnxLimits.Specializations)
                {
                    _specializations.RemoveAt(0);
                }

                _specializations.Add(found);
            }

            return found.Graph;
        }
    }

    /// <summary>The graph for the given inputs, in the order of <see cref="Inputs"/>.</summary>
    /// <exception cref="ArgumentException">Too few or too many inputs, or one not of the declared type.</exception>
    /// <exception cref="InvalidModelException">A node's operands do not fit.</exception>
    /// <exception cref="UnsupportedModelException">A node needs something that is not supported.</exception>
    public Graph Specialize(params ImmutableArray<Tensor> inputs)
    {
        if (inputs.Length != Inputs.Length)
        {
            throw new ArgumentException($"the model has {Inputs.Length} inputs, got {inputs.Length}", nameof(inputs));
        }

        return Specialize(inputs.Select((tensor, index) => (Inputs[index].Name, tensor)).ToDictionary(pair => pair.Name, pair => pair.tensor));
    }

    /// <summary>The inputs in the order of a graph that <see cref="Specialize(IReadOnlyDictionary{string, Tensor})"/> gave for them.</summary>
    public static ImmutableArray<Tensor> Bind(Graph graph, IReadOnlyDictionary<string, Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. graph.Inputs.Select(input => inputs[input.Name])];
    }

    private static bool TryRead(
        ReadOnlyMemory<byte> bytes, ExternalData? external, [NotNullWhen(true)] out OnnxModel? model, [NotNullWhen(false)] out Exception? refusal)
    {
        DefectList defects = new();
        ModelGraph? graph = ModelReader.Read(bytes, external, defects);
        refusal = defects.Refusal();
        model = refusal is null ? new OnnxModel(graph!) : null;
        return refusal is null;
    }

    /// <summary>A graph that was made.</summary>
    /// <param name="Graph">The graph.</param>
    /// <param name="IsStated">Whether a statement may name it.</param>
    /// <param name="Demanded">The values of inputs that it depends on.</param>
    private sealed record Specialization(Graph Graph, bool IsStated, ImmutableArray<(string Name, byte[] Bytes)> Demanded)
    {
        internal bool Fits(IReadOnlyDictionary<string, Tensor> inputs)
            => Graph.Inputs.Length == inputs.Count
            && Graph.Inputs.All(input => inputs.TryGetValue(input.Name, out Tensor? value) && value.Type == input.Type)
            && Demanded.All(demand => inputs[demand.Name].Bytes.Span.SequenceEqual(demand.Bytes));
    }
}
