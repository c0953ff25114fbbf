using System;

using VerifiableCompute.Engine.Backends;
using VerifiableCompute.Engine.Tensors;

namespace VerifiableCompute.Engine.Kernels.Cpu.Products;

/// <summary>The columns of a product as codes with their scales, packed once.</summary>
internal sealed unsafe class CodeFactor
{
    private readonly KernelRun _weights;
    private readonly AffineView _map;
    private readonly Lines _lines;
    private readonly Scaling _form;
    private nint _address;

    /// <summary>Finds how the panels will lie.</summary>
    /// <param name="weights">The DequantizeLinear, whose operands are parameters.</param>
    /// <param name="map">The product's columns on its output.</param>
    /// <param name="lines">The same as lines.</param>
    /// <param name="width">Columns of a panel.</param>
    internal CodeFactor(KernelRun weights, AffineView map, Lines lines, int width)
    {
        (_weights, _map, _lines) = (weights, map, lines);
        AffineView zeros = weights.Call.Inputs[2].Map;
        long run = Scaling.RunLength(map, weights.Call.Inputs[1].Map, zeros);
        bool any = false;
        for (long column = 0; column < lines.Count && !any; column++)
        {
            for (long k = 0; k < lines.Depth && !any; k += run)
            {
                any = Zero(map.Offset + lines.Offset(column) + (k * lines.Step)) != 0;
            }
        }

        _form = new Scaling(width, lines.Depth, run, any);
    }

    private bool Signed => _weights.Call.Inputs[0].Type.DType == DType.I8;

    /// <summary>The panels, made at the first call.</summary>
    internal ColumnPanels Columns(KernelRun run)
    {
        if (_address == 0)
        {
            Operand codes = _weights.Call.Inputs[0];
            Operand scales = _weights.Call.Inputs[1];
            Operand zeros = _weights.Call.Inputs[2];
            ColumnPanels empty = ColumnPanels.OfCodes(null, _lines.Count, _form);
            object key = ("scaled", _map, codes.Map, (scales.Parameter, scales.Map), (zeros.Parameter, zeros.Map), _form.Width);
            _address = (nint)run.Packed.Get(codes.Parameter!, key, empty.Floats, address => Pack(run, address));
        }

        return ColumnPanels.OfCodes((float*)_address, _lines.Count, _form);
    }

    private void Pack(KernelRun run, nint address)
    {
        ColumnPanels panels = ColumnPanels.OfCodes((float*)address, _lines.Count, _form);
        byte* codes = _weights.Pointer<byte>(_weights.Call.Inputs[0]);
        float* scales = (float*)_weights.Source(_weights.Call.Inputs[1]);
        AffineView map = _weights.Call.Inputs[1].Map;
        run.ForRanges(panels.Panels, 1, (start, end, _) =>
        {
            long[] offsets = new long[_form.Width];
            for (long panel = start; panel < end; panel++)
            {
                long first = panel * _form.Width;
                int columns = (int)Math.Min(_form.Width, _lines.Count - first);
                for (int column = 0; column < columns; column++)
                {
                    offsets[column] = _map.Offset + _lines.Offset(first + column);
                }

                ScaledColumns.Pack(
                    (byte*)panels.Panel(panel),
                    _form,
                    codes,
                    (byte)(Signed ? 0 : 0x80),
                    offsets.AsSpan(0, columns),
                    _lines.Step,
                    at => scales[map.SourceIndex(at)],
                    Zero);
            }
        });
    }

    // The zero point of an element among codes of i8.
    private int Zero(long element)
    {
        Operand zeros = _weights.Call.Inputs[2];
        byte zero = ((byte*)_weights.Source(zeros))[zeros.Map.SourceIndex(element)];
        return Signed ? (sbyte)zero : zero - 0x80;
    }
}
