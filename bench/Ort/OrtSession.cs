using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Bench.Ort;

/// <summary>A model in ONNX Runtime, bound to input tensors, ready to run again and again.</summary>
internal sealed unsafe class OrtSession : IDisposable
{
    /// <summary>Computes u8·i8 products without 16-bit saturation on machines without VNNI; takes effect at the default optimisation level.</summary>
    public static readonly (string Key, string Value) Precise = ("session.x64quantprecision", "1");

    private readonly OrtHandle _session;
    private readonly List<IDisposable> _owned = [];
    private readonly ImmutableArray<nint> _outputNames;
    private ImmutableArray<nint> _inputNames = [];
    private ImmutableArray<OrtHandle> _inputs = [];

    /// <summary>Reads a model.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <param name="optimise">The library's default optimisation level, or none.</param>
    /// <param name="threads">Threads within one node, the caller included.</param>
    /// <param name="configuration">Configuration entries.</param>
    /// <exception cref="OrtException">The library refuses the model.</exception>
    public OrtSession(
        ReadOnlySpan<byte> model,
        ImmutableArray<string> outputs,
        bool optimise,
        int threads,
        params ReadOnlySpan<(string Key, string Value)> configuration)
    {
        using OrtHandle options = OrtApi.CreateOptions(optimise, threads, configuration);
        _session = OrtApi.CreateSession(model, options);
        _outputNames = [.. outputs.Select(Marshal.StringToCoTaskMemUTF8)];
    }

    /// <summary>Reads a model from its file, at the library's default optimisation level.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputs">Names of the outputs that are wanted.</param>
    /// <param name="threads">Threads within one node, the caller included.</param>
    /// <param name="configuration">Configuration entries.</param>
    /// <exception cref="OrtException">The library refuses the model.</exception>
    public OrtSession(
        string path, ImmutableArray<string> outputs, int threads, params ReadOnlySpan<(string Key, string Value)> configuration)
    {
        using OrtHandle options = OrtApi.CreateOptions(optimise: true, threads, configuration);
        _session = OrtApi.CreateSession(path, options);
        _outputNames = [.. outputs.Select(Marshal.StringToCoTaskMemUTF8)];
    }

    /// <summary>Sets the inputs of all further runs.</summary>
    public void Bind(params ImmutableArray<(string Name, Tensor Value)> inputs)
    {
        Unbind();
        _inputNames = [.. inputs.Select(input => Marshal.StringToCoTaskMemUTF8(input.Name))];
        List<OrtHandle> values = [];
        foreach ((_, Tensor value) in inputs)
        {
            MemoryHandle pin = value.Bytes.Pin();
            _owned.Add(pin);
            values.Add(OrtApi.CreateTensor(pin.Pointer, value.Bytes.Length, value.Type.Shape.Extents, (int)value.Type.DType));
        }

        _inputs = [.. values];
    }

    /// <summary>Runs the model and copies its outputs.</summary>
    public ImmutableArray<Tensor> Run()
    {
        ImmutableArray<OrtHandle> outputs = RunHandles();
        ImmutableArray<Tensor>.Builder tensors = ImmutableArray.CreateBuilder<Tensor>(outputs.Length);
        foreach (OrtHandle output in outputs)
        {
            using (output)
            {
                (int type, long[] extents, nint data) = OrtApi.Describe(output);
                TensorType tensorType = new((DType)type, new Shape(extents));
                byte[] bytes = new ReadOnlySpan<byte>((void*)data, (int)tensorType.Bytes).ToArray();
                tensors.Add(new Tensor(tensorType, bytes));
            }
        }

        return tensors.ToImmutable();
    }

    /// <summary>Runs the model for the time it takes.</summary>
    public void RunOnly()
    {
        foreach (OrtHandle output in RunHandles())
        {
            output.Dispose();
        }
    }

    /// <summary>Runs the model and makes outputs the inputs of the next run: output <c>carried + i</c> that of input <c>first + i</c>, for all that there are.</summary>
    /// <param name="carried">The first output that is carried; those before it are shown.</param>
    /// <param name="first">The first input that is replaced.</param>
    /// <param name="look">Is shown the f32 elements of output 0.</param>
    public void Step(int carried, int first, ReadOnlySpanAction<float, int> look)
    {
        ImmutableArray<OrtHandle> outputs = RunHandles();
        (_, long[] extents, nint data) = OrtApi.Describe(outputs[0]);
        look(new ReadOnlySpan<float>((void*)data, (int)extents.Aggregate((a, b) => a * b)), 0);
        ImmutableArray<OrtHandle>.Builder inputs = _inputs.ToBuilder();
        for (int i = 0; i < outputs.Length; i++)
        {
            if (i < carried)
            {
                outputs[i].Dispose();
                continue;
            }

            inputs[first + i - carried].Dispose();
            inputs[first + i - carried] = outputs[i];
        }

        _inputs = inputs.MoveToImmutable();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Unbind();
        foreach (nint name in _outputNames)
        {
            Marshal.FreeCoTaskMem(name);
        }

        _session.Dispose();
    }

    private ImmutableArray<OrtHandle> RunHandles()
    {
        void** inputs = stackalloc void*[_inputs.Length];
        void** outputs = stackalloc void*[_outputNames.Length];
        for (int i = 0; i < _inputs.Length; i++)
        {
            inputs[i] = _inputs[i].Pointer;
        }

        new Span<nint>(outputs, _outputNames.Length).Clear();
        fixed (nint* inputNames = _inputNames.AsSpan())
        {
            fixed (nint* outputNames = _outputNames.AsSpan())
            {
                OrtApi.Run(
                    _session, (byte**)inputNames, inputs, _inputs.Length, (byte**)outputNames, _outputNames.Length, outputs);
            }
        }

        ImmutableArray<OrtHandle>.Builder handles = ImmutableArray.CreateBuilder<OrtHandle>(_outputNames.Length);
        for (int i = 0; i < _outputNames.Length; i++)
        {
            handles.Add(new OrtHandle(outputs[i], OrtFunction.ReleaseValue));
        }

        return handles.MoveToImmutable();
    }

    private void Unbind()
    {
        foreach (OrtHandle value in _inputs)
        {
            value.Dispose();
        }

        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        foreach (nint name in _inputNames)
        {
            Marshal.FreeCoTaskMem(name);
        }

        _inputs = [];
        _inputNames = [];
        _owned.Clear();
    }
}
